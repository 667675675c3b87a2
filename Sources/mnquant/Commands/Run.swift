internal import ArgumentParser
internal import BoardKernels
internal import Datasets
internal import Files
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// `mnquant run`.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a model on an image file or the rows of an .npy file.")

  @Argument(help: "A path or a bundled model's name.")
  var model: String

  @Option(
    help: ArgumentHelp(
      "A JPEG or PNG file, or an .npy file of [N, H, W, C].",
      discussion: "In .npy, uint8 is raw pixels, float32 is preprocessed, int8 is codes.",
      valueName: "file"))
  var input: String

  @Option(help: ArgumentHelp("Write the outputs as .npy, [N, ...].", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "What computes.",
      discussion: """
        Default: int8 for an int8 model, float otherwise. c is what emit-c writes for --target.
        """))
  var engine: EngineName?

  @OptionGroup var target: BoardOption

  @Option(help: "Print this many classes a row. Default: 5, or 0 with --output.")
  var top: Int?

  @Option(
    name: .customLong("dump-layers"),
    help: ArgumentHelp("Write each layer's output as .npy.", valueName: "dir"))
  var dumpLayers: String?

  @OptionGroup var architecture: ArchitectureOption
  @OptionGroup var exactness: ExactOption
  @OptionGroup var threads: ThreadOptions
  @OptionGroup(title: "Preprocessing") var preprocessing: PreprocessingOptions
  @OptionGroup(title: "Output") var format: OutputOptions

  private struct Result: Encodable {
    let engine: String
    let rows: [Ranking]
    /// What happened to pixels; `nil` for inputs that are none.
    let pixels: PixelReport?
    /// One sentence each.
    let warnings: [String]
  }

  /// An input file as a network takes it.
  private struct Input {
    let array: NumPyArray
    let pixels: PixelReport?
  }

  func validate() throws {
    if let top, top < 0 { throw ValidationError("--top is \(top); expected at least 0.") }
    if let output {
      try OutputFile(path: output, option: "--output").check(
        ending: "npy", inputs: [model, input])
    }
    if let dumpLayers { try Failure.sentence { try AtomicFolder.check(dumpLayers) } }
  }

  func run() async throws {
    let loaded = try LoadedModel(
      model, architecture: architecture.spelling, exactWith: exactness.runtime)
    switch engine ?? EngineName(for: loaded.content) {
    case .float:
      let graph = try preprocessing.applied(to: loaded.graph())
      let read = try readInput(PixelHandling(graph), graph.name, graph.inputShape)
      let inputs = try Failure.naming(input) { try RowInputs(read.array, for: graph) }
      let run = try await run(FloatRows(graph), inputs)
      try run.checkFinite(model)
      let shape = graph.outputShape
      if let output { try run.write(to: output, shape: shape) { $0 } }
      let rows = run.rows(of: shape).map { $0.map(Double.init) }
      try show(.float, rows, graph.labels, graph.givesProbabilities, read.pixels)
    case .int8:
      let quantized = try preprocessing.applied(to: loaded.quantized())
      try await runInt8(.int8, HostRows(quantized), quantized)
    case .swift:
      let quantized = try preprocessing.applied(to: loaded.quantized())
      try await runInt8(.swift, IntegerRows(quantized), quantized)
    case .c:
      let quantized = try preprocessing.applied(to: loaded.quantized())
      let board = try target.load()
      let rows = try Failure.naming(model) {
        try BoardRows(
          quantized, for: InstructionSet(of: board), keepsLayers: dumpLayers != nil)
      }
      try await runInt8(.c, rows, quantized)
    }
  }

  /// The rows of the `.npy` file, pictures of another size than the network's brought to it, or the
  /// one row that an image file makes.
  private func readInput(
    _ handling: PixelHandling, _ model: String, _ shape: Shape
  ) throws -> Input {
    try Failure.naming(input) {
      let images: Dataset
      if input.lowercased().hasSuffix(".npy") {
        let array = try NumPyArray(file: try AtomicFile.read(input))
        // Those of the right size may be rows of a batch.
        guard array.type == .uint8, array.shape.count == 4, !array.shape.contains(0) else {
          return Input(array: array, pixels: nil)
        }
        images = try DatasetReader.open(input, split: .test, needsLabels: false)
        let isSized = array.shape.dropFirst() == shape.dimensions.dropFirst()
        if isSized, !handling.preprocessing.resizesAll {
          return Input(array: array, pixels: try report(handling, images, model, shape))
        }
      } else {
        images = DatasetReader.photo(input)
      }
      let fitted = try images.fitted(handling.preprocessing, inputShape: shape)
      let pixels = try (0..<fitted.count).flatMap { try fitted.image(at: $0).pixels }
      return Input(
        array: NumPyArray(pixels, shape: [fitted.count] + shape.dimensions.dropFirst()),
        pixels: try report(handling, images, model, shape))
    }
  }

  private func report(
    _ handling: PixelHandling, _ images: Dataset, _ model: String, _ shape: Shape
  ) throws -> PixelReport {
    PixelReport(
      handling, try images.fitted(handling.preprocessing, inputShape: shape),
      at: Array(0..<images.count), model: model, inputShape: shape)
  }

  private func runInt8<Engine: RowEngine>(
    _ name: EngineName, _ engine: Engine, _ model: QuantizedModel
  ) async throws where Engine.Element == Int8 {
    let shape = model.inputTensor.shape
    var pixels = PixelHandling(model)
    pixels.origins = try preprocessing.origins(of: model)
    let read = try readInput(pixels, model.name, shape)
    let inputs = try Failure.naming(input) { try RowInputs(read.array, for: model) }
    let run = try await run(engine, inputs)
    let result = model.outputTensor
    if let output {
      if model.outputIsReal {
        try run.write(to: output, shape: result.shape, convert: result.reals)
      } else {
        try run.write(to: output, shape: result.shape) { $0 }
      }
    }
    let real = run.rows(of: result.shape).map { $0.map { result.real($0) } }
    try show(name, real, model.labels, model.givesProbabilities, read.pixels)
  }

  private func run<Engine: RowEngine>(
    _ engine: Engine, _ inputs: RowInputs<Engine.Element>
  ) async throws -> RowRun<Engine.Element> {
    let run = try await RowRun(
      engine, inputs, threads: threads.count, keepsLayers: dumpLayers != nil)
    if let dumpLayers { try run.writeLayers(to: dumpLayers) }
    return run
  }

  private func show(
    _ engine: EngineName, _ rows: [[Double]], _ labels: [String], _ areProbabilities: Bool,
    _ pixels: PixelReport?
  ) throws {
    let warnings = [pixels?.warning].compactMap(\.self)
    pixels?.lines.forEach(Console.note)
    Console.warn(warnings)
    let count = top ?? (output == nil ? 5 : 0)
    let rankings = rows.map {
      Ranking($0, labels: labels, count: count, areProbabilities: areProbabilities)
    }
    if format.json {
      return try Console.json(
        Result(engine: engine.rawValue, rows: rankings, pixels: pixels, warnings: warnings))
    }
    guard count > 0 else { return }
    for (row, ranking) in rankings.enumerated() { Console.result("\(row): \(ranking.line)") }
  }
}
