internal import ArgumentParser
internal import Boards
internal import ModelImport

/// `mnquant bench`.
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures images per second, and time per layer.",
    discussion: """
      With --target it measures firmware instead: it compiles the int8 model for an emulated core, \
      runs it, and prints the instructions of each layer per multiply-accumulate, the worst first.
      """)

  @Argument(help: "A path or a bundled model's name.")
  var model: String

  @Option(
    help: ArgumentHelp(
      "What computes.", discussion: "Default: int8 for an int8 model, float otherwise."))
  var engine: EngineName?

  @Option(
    help: ArgumentHelp(
      "An emulated core that runs firmware of the model.",
      discussion: "A float model is quantized as the workspace was calibrated.",
      valueName: "board"))
  var target: String?

  @OptionGroup var workspace: WorkspaceOptions

  @Option(help: "How many threads run the network, an image each.")
  var threads = 1

  @Option(help: "How long to measure; half as long again for the layers.")
  var seconds = 2.0

  @OptionGroup var exactness: ExactOption
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads); expected 1 to 1024.")
    }
    if !(seconds > 0 && seconds <= 3600) {
      throw ValidationError("--seconds is \(seconds); expected more than 0, at most 3600.")
    }
  }

  func run() async throws {
    if let target { return try runFirmware(on: try BoardOption.board(named: target)) }
    let loaded = try LoadedModel(model, exactWith: exactness.runtime)
    let engine = engine ?? EngineName(for: loaded.content)
    let subject =
      switch engine {
      case .float: BenchmarkSubject(try loaded.graph())
      case .int8, .swift, .c:
        try Failure.naming(model) { try BenchmarkSubject(loaded.quantized(), on: engine) }
      }
    let benchmark = await Benchmark(subject, engine: engine, threads: threads, seconds: seconds)
    if output.json { return try Console.json(benchmark) }
    benchmark.lines.forEach(Console.result)
  }

  private func runFirmware(on board: Board) throws {
    let loaded = try LoadedModel(model, exactWith: exactness.runtime)
    let report = try FirmwareBench(loaded, board: board, workspace.open()).run()
    if output.json { return try Console.json(report) }
    report.lines.forEach(Console.result)
  }
}
