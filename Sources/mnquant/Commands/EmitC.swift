internal import ArgumentParser
internal import Boards
internal import CEmitter
internal import Files
internal import Pipeline

/// `mnquant emit-c`.
struct EmitC: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "emit-c",
    abstract: "Writes firmware: headers, layer tables, runtime, build files, self-test.",
    discussion: """
      The folder lists its files in .mnquant-files. The next emit-c there replaces them, and removes \
      those that are no longer needed. It replaces no other file, and none that was changed since.
      """)

  @OptionGroup var model: ModelOption
  @OptionGroup var quantized: QuantizedOption

  @Option(help: ArgumentHelp("The folder to write.", valueName: "dir"))
  var out: String

  @OptionGroup var target: BoardOption
  @OptionGroup var task: TaskOptions

  @Option(help: "In front of every C name and file name.")
  var prefix = "net"

  @Option(
    help: ArgumentHelp(
      "For whose tools the folder is laid out: a library, and a project that runs its self-test.",
      valueName: "ecosystem"))
  var layout = Layout.plain

  @Flag(
    name: .customLong("validate"),
    help: "Add a program that answers `mnquant validate` over a serial line.")
  var validates = false

  @Option(name: .customLong("self-test"), help: "How many inputs with exact expected outputs.")
  var selfTests = 10

  @Option(
    help: ArgumentHelp(
      "The most bytes that the arena may take, or min for the smallest arena. Where whole layers "
        + "need more, some run row by row, at the least cost that fits.", valueName: "bytes|min"))
  var arenaLimit: ArenaLimit?

  @Option(
    help: ArgumentHelp(
      "How the image comes: whole, in the arena; or rows, one after another, of which the arena holds no "
        + "more than are needed.", valueName: "whole|rows"))
  var input = InputArrival.whole

  @Flag(
    help: ArgumentHelp(
      "Run the firmware under emulation and write what each layer takes into the layer table and "
        + "the summary."))
  var measure = false

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1000).contains(selfTests) else {
      throw ValidationError("--self-test is \(selfTests); expected 1 to 1000.")
    }
    if validates, layout == .swift {
      throw ValidationError(
        "--validate goes without --layout swift; choose another layout for the firmware that answers."
      )
    }
    if input == .rows, validates || layout == .swift {
      throw ValidationError(
        "--input rows goes without --validate and --layout swift, which send whole images; choose "
          + "another layout, or --input whole.")
    }
    if let problem = Pipeline.problem(ofPrefix: prefix) { throw ValidationError(problem) }
    try Failure.sentence { try AtomicFolder.check(out) }
  }

  func run() throws {
    let report = try perform()
    var workspace = try workspace.open()
    Console.warn(workspace.untold(report.warnings, by: "emit-c", about: quantized.file))
    if output.json { return try Console.json(report) }
    report.lines.forEach(Console.result)
  }

  /// Writes the folder.
  func perform() throws -> EmissionReport {
    let board = try target.load()
    if measure { try board.requireEmulator() }
    var workspace = try workspace.open()
    let current = try quantized.load(model, &workspace)
    let choice = try task.choice(quantized.file == nil ? workspace.state.task : nil)
    var emission = try Pipeline.shown().emit(
      current.model, for: board, prefix: prefix, layout: layout, validates: validates,
      selfTests: tests(of: current), arenaLimit: arenaLimit, input: input, task: choice?.task())
    if measure { emission = try emission.measured(by: ChildProcess.runner) }
    try emission.write(to: out)
    return emission.report(out)
  }

  private func tests(of current: CurrentModel) -> SelfTestInputs {
    let tests = SelfTestInputs(current.model, count: selfTests, current.calibration)
    Console.note("self-test inputs: \(tests.origin)")
    return tests
  }
}

extension Layout: ExpressibleByArgument {}
extension InputArrival: ExpressibleByArgument {}

extension ArenaLimit: ExpressibleByArgument {
  /// A number of bytes above 0, or `min`.
  init?(argument: String) {
    if argument == "min" {
      self = .least
    } else if let bytes = Int(argument), bytes > 0 {
      self = .bytes(bytes)
    } else {
      return nil
    }
  }

  var defaultValueDescription: String { bytes.map(String.init) ?? "min" }
}

/// `mnquant validate`.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Streams images to firmware on a board and compares every byte.",
    discussion: """
      The board runs what `emit-c --validate` wrote for the same model, --target and --arena-limit. \
      Status 2 where an output differs.
      """)

  @Option(
    help: ArgumentHelp(
      "The board's serial line, such as /dev/ttyACM0, or a socket of an emulator.",
      valueName: "port"))
  var port: String

  @OptionGroup var data: DataOptions
  @OptionGroup var pair: PairOptions
  @OptionGroup var target: BoardOption

  @Option(help: ArgumentHelp("As for emit-c.", valueName: "bytes|min"))
  var arenaLimit: ArenaLimit?

  @Option(help: "Bits a second of the line.")
  var baud = 115_200

  @OptionGroup var output: OutputOptions

  func run() throws {
    let board = try target.load()
    var workspace = try pair.workspace.open()
    let current = try pair.quantized.load(pair.model, &workspace)
    let pipeline = Pipeline.shown()
    let emission = try pipeline.emit(
      current.model, for: board,
      selfTests: SelfTestInputs(current.model, count: 1, nil), arenaLimit: arenaLimit)
    let report = try pipeline.validate(
      emission, on: data.source, pair.split, limit: pair.limit, port: port, baud: baud)
    if output.json { try Console.json(report) } else { report.lines.forEach(Console.result) }
    if let problem = report.problem {
      throw Failure("\(port): outputs differ: \(problem)", status: .gate)
    }
  }
}

extension ValidationReport {
  /// The report for people.
  fileprivate var lines: [String] {
    var table = TextTable([
      ("layer", .left), ("kernel", .left), ("MACs", .right), ("ticks", .right), ("share", .right),
    ])
    for layer in layers {
      table.add([
        layer.name, layer.kernel, Format.count(layer.macs), Format.count(Int(layer.ticks)),
        Format.decimal(100 * layer.ticks / max(ticks, 1), 1) + "%",
      ])
    }
    table.add(["total", "", "", Format.count(Int(ticks)), ""])
    let accuracy = boardTop1.flatMap { board in
      engineTop1.map { "top-1: \(Format.percent(board)) on the board, \(Format.percent($0)) here" }
    }
    return table.lines + [
      "images: \(Format.count(exact)) of \(Format.count(images)) exact"
    ] + (accuracy.map { [$0] } ?? []) + [
      "an image: \(Format.decimal(milliseconds, 1)) ms from its last byte to the answer",
      "line: \(Format.count(repeats, "request")) sent again, \(Format.count(restarts, "image")) begun again",
    ]
  }
}
