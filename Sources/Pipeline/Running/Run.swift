internal import BoardKernels
package import Boards
internal import Evaluation
internal import Files
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Pipeline {
  /// Runs `model` on `engine` on the rows of the file that `inputs` names: an image file or an `.npy`
  /// file, `[N, H, W, C]`, of pictures (uint8), preprocessed values (float32) or codes (int8). Of
  /// several inputs each is `NAME=FILE`, an `.npy` file with as many rows as the others'.
  ///
  /// - Parameters:
  ///   - board: Whose firmware the C engine runs, as `emit` writes it; `nil` for a Cortex-M4's.
  ///   - choices: What is said of pixels in place of what the model's file says.
  ///   - keepsLayers: Whether every layer's output is wanted, too.
  package func run(
    _ model: LoadedModel, on engine: EngineName, inputs: [String],
    _ choices: PixelChoices = PixelChoices(), board: Board? = nil, keepsLayers: Bool = false
  ) async throws(PipelineError) -> Inference {
    // What a file of integers means in real numbers is the real values of its integers.
    let engine = engine == .float && model.importedInt8 != nil ? .int8 : engine
    guard engine != .float else {
      return try await run(choices.applied(to: model.wholeGraph()), inputs, keepsLayers)
    }
    let quantized = choices.applied(to: try model.quantized())
    var pixels = PixelHandling(quantized)
    pixels.origins = choices.applied(to: pixels).origins
    switch engine {
    case .swift:
      return try await run(
        IntegerRows.plain(quantized), engine, quantized, pixels, inputs, keepsLayers)
    case .c:
      let rows = try PipelineError.naming(model.reference) {
        try IntegerRows.board(
          quantized, for: board?.instructionSet ?? .dsp, keepsLayers: keepsLayers)
      }
      return try await run(rows, engine, quantized, pixels, inputs, keepsLayers)
    case .int8, .float:
      return try await run(
        IntegerRows.host(quantized), engine, quantized, pixels, inputs, keepsLayers)
    }
  }

  private func run(
    _ graph: Graph, _ words: [String], _ keepsLayers: Bool
  ) async throws(PipelineError) -> Inference {
    let files = try InputFiles(words, PixelHandling(graph), model: graph.name, graph.namedInputs)
    let inputs = try files.rows { array, position throws in
      try RowInputs(array, for: graph, at: position)
    }
    let run = try await PipelineError.naming(files.place) {
      try await RowRun(FloatRows(graph), inputs, self, keepsLayers: keepsLayers)
    }
    let outputs = graph.namedOutputs.enumerated().map { position, output in
      let part = run.part(position, of: graph.namedOutputs.map(\.shape))
      return Inference.Output(
        name: output.name, rows: part.rows(of: output.shape).map { $0.map(Double.init) },
        values: part.array(of: output.shape) { $0 })
    }
    return Inference(
      engine: .float, rowsPerRun: graph.namedOutputs[0].shape.dimensions.first ?? 1,
      outputs: outputs,
      layers: keepsLayers ? run.layerArrays : [], labels: graph.labels,
      areProbabilities: graph.givesProbabilities, callerSteps: graph.callerSteps,
      pixels: files.pixels)
  }

  private func run<Engine: RowEngine>(
    _ rows: Engine, _ engine: EngineName, _ model: QuantizedModel, _ pixels: PixelHandling,
    _ words: [String], _ keepsLayers: Bool
  ) async throws(PipelineError) -> Inference where Engine.Element == Int8 {
    let files = try InputFiles(words, pixels, model: model.name, model.namedInputs)
    let inputs = try files.rows { array, position throws in
      try RowInputs(array, for: model, at: position)
    }
    let run = try await PipelineError.naming(files.place) {
      try await RowRun(rows, inputs, self, keepsLayers: keepsLayers)
    }
    let outputs = model.namedOutputs.enumerated().map { position, output in
      let part = run.part(position, of: model.namedOutputs.map(\.shape))
      let tensor = model.tensors[model.outputs[position]]
      return Inference.Output(
        name: output.name, rows: part.rows(of: output.shape).map { $0.map { tensor.real($0) } },
        values: model.outputIsReal
          ? part.array(of: output.shape, convert: tensor.reals)
          : part.array(of: output.shape) { $0 })
    }
    return Inference(
      engine: engine, rowsPerRun: model.outputTensor.shape.dimensions.first ?? 1,
      outputs: outputs,
      layers: keepsLayers ? run.layerArrays : [], labels: model.labels,
      areProbabilities: model.givesProbabilities, callerSteps: model.callerSteps,
      pixels: files.pixels)
  }
}

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

  /// The same with one output alone, number `position` of those of one run's `shapes`.
  func part(_ position: Int, of shapes: [Shape]) -> RowRun {
    guard shapes.count > 1 else { return self }
    let start = shapes[..<position].reduce(0) { $0 + $1.count }
    var part = self
    part.outputs = outputs.map { Array($0[start..<start + shapes[position].count]) }
    return part
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
