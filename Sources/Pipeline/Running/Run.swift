internal import BoardKernels
package import Boards
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Pipeline {
  /// Runs `model` on `engine` on the rows of the file `input`: an image file or an `.npy` file, `[N,
  /// H, W, C]`, of pictures (uint8), preprocessed values (float32) or codes (int8).
  ///
  /// - Parameters:
  ///   - board: Whose firmware the C engine runs, as `emit` writes it; `nil` for a Cortex-M4's.
  ///   - choices: What is said of pixels in place of what the model's file says.
  ///   - keepsLayers: Whether every layer's output is wanted, too.
  package func run(
    _ model: LoadedModel, on engine: EngineName, input: String,
    _ choices: PixelChoices = PixelChoices(), board: Board? = nil, keepsLayers: Bool = false
  ) async throws(PipelineError) -> Inference {
    guard engine != .float else {
      return try await run(choices.applied(to: model.graph()), input, keepsLayers)
    }
    let quantized = choices.applied(to: try model.quantized())
    var pixels = PixelHandling(quantized)
    pixels.origins = choices.applied(to: pixels).origins
    switch engine {
    case .swift:
      return try await run(IntegerRows(quantized), engine, quantized, pixels, input, keepsLayers)
    case .c:
      let rows = try PipelineError.naming(model.reference) {
        try BoardRows(
          quantized, for: board.map { InstructionSet(of: $0) } ?? .dsp, keepsLayers: keepsLayers)
      }
      return try await run(rows, engine, quantized, pixels, input, keepsLayers)
    case .int8, .float:
      return try await run(HostRows(quantized), engine, quantized, pixels, input, keepsLayers)
    }
  }

  private func run(
    _ graph: Graph, _ input: String, _ keepsLayers: Bool
  ) async throws(PipelineError) -> Inference {
    let file = try InputFile(
      input, PixelHandling(graph), model: graph.name, shape: graph.inputShape)
    let inputs = try PipelineError.naming(input) { try RowInputs(file.array, for: graph) }
    let run = try await PipelineError.naming(input) {
      try await RowRun(FloatRows(graph), inputs, self, keepsLayers: keepsLayers)
    }
    let shape = graph.outputShape
    return Inference(
      engine: .float, rows: run.rows(of: shape).map { $0.map(Double.init) },
      rowsPerRun: shape.dimensions.first ?? 1, output: run.array(of: shape) { $0 },
      layers: keepsLayers ? run.layerArrays : [], labels: graph.labels,
      areProbabilities: graph.givesProbabilities, pixels: file.pixels)
  }

  private func run<Engine: RowEngine>(
    _ rows: Engine, _ engine: EngineName, _ model: QuantizedModel, _ pixels: PixelHandling,
    _ input: String, _ keepsLayers: Bool
  ) async throws(PipelineError) -> Inference where Engine.Element == Int8 {
    let file = try InputFile(
      input, pixels, model: model.name, shape: model.inputTensor.shape)
    let inputs = try PipelineError.naming(input) { try RowInputs(file.array, for: model) }
    let run = try await PipelineError.naming(input) {
      try await RowRun(rows, inputs, self, keepsLayers: keepsLayers)
    }
    let result = model.outputTensor
    return Inference(
      engine: engine, rows: run.rows(of: result.shape).map { $0.map { result.real($0) } },
      rowsPerRun: result.shape.dimensions.first ?? 1,
      output: model.outputIsReal
        ? run.array(of: result.shape, convert: result.reals) : run.array(of: result.shape) { $0 },
      layers: keepsLayers ? run.layerArrays : [], labels: model.labels,
      areProbabilities: model.givesProbabilities, pixels: file.pixels)
  }
}
