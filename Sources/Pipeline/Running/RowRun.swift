internal import Evaluation
internal import Files
internal import QuantizedIR
internal import Tensors

/// What an engine gave for all rows of a file.
struct RowRun<Element: NumPyElement & Sendable> {
  /// By run of the network.
  private(set) var outputs: [[Element]] = []
  /// By layer: all runs one after another; empty unless kept.
  private var layers: [[Element]] = []
  private let layerShapes: [(name: String, shape: Shape, width: CodeWidth?)]

  /// Runs that one task does at a time.
  private static var partLength: Int { 8 }

  /// Runs `engine` on `inputs`, and tells how far it has come where they are many.
  init<Engine: RowEngine>(
    _ engine: Engine, _ inputs: RowInputs<Element>, _ pipeline: Pipeline, keepsLayers: Bool
  ) async throws where Engine.Element == Element {
    layerShapes = engine.layers
    var (outputs, layers) = ([[Element]](), [[Element]](repeating: [], count: layerShapes.count))
    let meter = inputs.count > Self.partLength ? pipeline.meter("run", of: inputs.count) : nil
    try await orderedFold(
      count: inputs.count, partLength: Self.partLength, threads: pipeline.threads
    ) {
      $0.map { engine.run(inputs[$0], keepsLayers: keepsLayers) }
    } fold: { part, done in
      for row in part {
        outputs.append(row.output)
        for (index, values) in row.layers.enumerated() { layers[index] += values }
      }
      meter?(done, inputs.count)
    }
    (self.outputs, self.layers) = (outputs, layers)
  }

  /// The outputs by row, where one run's has `shape`.
  func rows(of shape: Shape) -> [[Element]] {
    let batch = shape.dimensions.first ?? 1
    return outputs.flatMap { output in
      let length = output.count / batch
      return (0..<batch).map { Array(output[$0 * length..<($0 + 1) * length]) }
    }
  }

  /// All outputs as `[N, …]`, after `convert`; `shape` is that of one run's.
  func array<Written: NumPyElement>(
    of shape: Shape, convert: ([Element]) -> [Written]
  ) -> NumPyArray {
    NumPyArray(convert(outputs.flatMap { $0 }), shape: sizes(shape))
  }

  /// Every layer's outputs as `[N, …]`, in execution order; 16-bit codes as int32.
  var layerArrays: [Inference.LayerOutput] {
    zip(layerShapes, layers).map { layer, values in
      let shape = sizes(layer.shape)
      guard layer.width == .int16, let bytes = values as? [Int8] else {
        return .init(name: layer.name, values: NumPyArray(values, shape: shape))
      }
      return .init(
        name: layer.name,
        values: NumPyArray(CodeWidth.int16.decoded(bytes.span), shape: shape))
    }
  }

  private func sizes(_ shape: Shape) -> [Int] {
    [outputs.count * (shape.dimensions.first ?? 1)] + shape.dimensions.dropFirst()
  }
}
