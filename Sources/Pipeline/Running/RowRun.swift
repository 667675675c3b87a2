internal import Evaluation
internal import Files
internal import Foundation
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

  /// Runs `engine` on `inputs`, with progress on stderr.
  init<Engine: RowEngine>(
    _ engine: Engine, _ inputs: RowInputs<Element>, threads: Int, keepsLayers: Bool
  ) async throws where Engine.Element == Element {
    layerShapes = engine.layers
    var (outputs, layers) = ([[Element]](), [[Element]](repeating: [], count: layerShapes.count))
    let meter = ProgressMeter("run")
    try await orderedFold(count: inputs.count, partLength: Self.partLength, threads: threads) {
      $0.map { engine.run(inputs[$0], keepsLayers: keepsLayers) }
    } fold: { part, done in
      for row in part {
        outputs.append(row.output)
        for (index, values) in row.layers.enumerated() { layers[index] += values }
      }
      if inputs.count > Self.partLength { meter.update(done: done, total: inputs.count) }
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

  /// Writes all outputs as `[N, …]`, after `convert`; `shape` is that of one run's.
  func write<Written: NumPyElement>(
    to file: String, shape: Shape, convert: ([Element]) -> [Written]
  ) throws {
    let sizes = [outputs.count * (shape.dimensions.first ?? 1)] + shape.dimensions.dropFirst()
    try AtomicFile.write(NumPyArray(convert(outputs.flatMap { $0 }), shape: sizes).file(), to: file)
  }

  /// Writes each layer as `NNN-name.npy` below `folder`, in execution order; 16-bit codes as int32.
  func writeLayers(to folder: String) throws {
    let files = zip(layerShapes, layers).enumerated().map { index, layer in
      let ((name, shape, width), values) = layer
      let sizes = [outputs.count * (shape.dimensions.first ?? 1)] + shape.dimensions.dropFirst()
      let number = String(format: "%03d", index)
      return (
        path: "\(number)-\(Self.fileName(name)).npy",
        bytes: Self.file(values, width, shape: sizes)
      )
    }
    try AtomicFolder.write(files, to: folder)
  }

  private static func file(_ values: [Element], _ width: CodeWidth?, shape: [Int]) -> Data {
    guard width == .int16, let bytes = values as? [Int8] else {
      return NumPyArray(values, shape: shape).file()
    }
    return NumPyArray(CodeWidth.int16.decoded(bytes.span), shape: shape).file()
  }

  /// `name` without what means something to a file system.
  private static func fileName(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
  }
}

extension RowRun<Float> {
  /// Checks that `model` gave numbers.
  func checkFinite(_ model: String) throws {
    for (index, output) in outputs.enumerated() {
      guard let value = output.first(where: { !$0.isFinite }) else { continue }
      throw Failure(
        "\(model): run \(index) gives \(value); expected finite outputs: check the range of the "
          + "input, --mean and --std, and the weights")
    }
  }
}
