internal import ArgumentParser
internal import Pipeline

/// `mnquant bench`.
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures images per second, and time per layer.",
    discussion: """
      With --target it measures firmware instead: it compiles the int8 model for an emulated core, \
      runs it, and prints the instructions and estimated cycles of each layer, the worst first.
      With --training it measures steps of training a float network, or an architecture such as \
      mobilenet-v1-small.
      """)

  @Argument(help: "A path or a bundled model's name; with --training an architecture, too.")
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

  @Flag(
    help: ArgumentHelp(
      "Measure training steps over a batch of random images that is there already.",
      discussion: "Forward, backward, and a step of SGD with Nesterov momentum."))
  var training = false

  @Option(help: "Images of a training step.")
  var batch = 128

  @OptionGroup var workspace: WorkspaceOptions

  @Option(help: "How many threads run the network, an image each, or parts of a batch.")
  var threads = 1

  @Option(help: "How long to measure; half as long again for the layers.")
  var seconds = 2.0

  @OptionGroup var exactness: ExactOption
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if training && (target != nil || engine != nil) {
      throw ValidationError(
        "--training measures floats on this machine: without --target, --engine.")
    }
    if !(1...4096).contains(batch) {
      throw ValidationError("--batch is \(batch); expected 1 to 4096.")
    }
    if !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads); expected 1 to 1024.")
    }
    if !(seconds > 0 && seconds <= 3600) {
      throw ValidationError("--seconds is \(seconds); expected more than 0, at most 3600.")
    }
  }

  func run() async throws {
    if let target { return try runFirmware(on: target) }
    if training { return try runTraining() }
    let loaded = try LoadedModel(model, exactWith: exactness.runtime)
    let benchmark = try await Pipeline.shown(threads: threads).bench(
      loaded, on: engine ?? EngineName(for: loaded.content), seconds: seconds)
    if output.json { return try Console.json(benchmark) }
    benchmark.lines.forEach(Console.result)
  }

  private func runTraining() throws {
    let benchmark = try Pipeline.shown(threads: threads).benchTraining(
      model, batch: batch, seconds: seconds)
    if output.json { return try Console.json(benchmark) }
    Console.result(
      "\(benchmark.model): \(Format.count(benchmark.steps, "step")) of "
        + "\(Format.count(benchmark.batch, "image")) on \(Format.count(threads, "thread"))")
    Console.result(
      "\(Int(benchmark.imagesPerSecond)) images/s, \(Int(benchmark.imagesPerCPUSecond)) a "
        + "second of processor time; \(benchmark.bytes >> 20) MiB for a step")
  }

  private func runFirmware(on target: String) throws {
    let board = try BoardOption.board(named: target)
    let loaded = try LoadedModel(model, exactWith: exactness.runtime)
    var workspace = try workspace.open()
    try board.requireEmulator()
    let pipeline = Pipeline.shown()
    let current = try pipeline.currentModel(ofAny: loaded, in: &workspace)
    let report = try pipeline.bench(
      current, called: loaded.reference, on: board, run: ChildProcess.runner)
    if output.json { return try Console.json(report) }
    report.lines.forEach(Console.result)
  }
}
