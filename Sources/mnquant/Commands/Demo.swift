internal import ArgumentParser
internal import Evaluation
internal import Pipeline

/// `mnquant demo`.
struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The whole way from float model to firmware whose outputs are checked.",
    discussion: """
      Calibrates, quantizes, compares, emits C, compiles it and runs it under emulation: on the \
      built-in data set, or on CIFAR-10 with --data.
      """)

  @Option(help: ArgumentHelp("CIFAR-10's binary files instead of built-in data.", valueName: "dir"))
  var data: String?

  @Option(help: "A float model. Default: the bundled one for the data.")
  var model: String?

  @OptionGroup var target: BoardOption

  @Option(
    name: .customLong("workspace"), help: "Where everything that the demo makes is kept.")
  var folder = ".mnquant/demo"

  @Flag(name: .customLong("no-run"), help: "Write the firmware, and neither compile nor run it.")
  var isNotRun = false

  @OptionGroup var output: OutputOptions

  func run() async throws {
    let board = try target.load()
    let model = try model ?? bundledModel()
    let pipeline = Pipeline.shown(threads: ThreadOptions.all)
    let data = try data ?? pipeline.builtInData(in: folder)

    let common = ["--workspace", folder, "--model", model]
    _ = try await step("calibrate", CalibrateImages.self, ["--data", data] + common).perform()
    let quantized = try step("quantize", Quantize.self, common).perform()
    Console.warn(quantized.warnings)
    let comparison = try await step(
      "compare", Compare.self, ["--data", data, "--quantized", quantized.file] + common
    ).perform(pipeline)
    Console.warn(comparison.warnings)
    let emission = try step(
      "emit-c", EmitC.self, ["--out", folder + "/firmware", "--target", target.name] + common
    ).perform()

    var figures: FirmwareFigures?
    if !isNotRun {
      Console.note("$ make -C \(emission.folder) run")
      figures = try FirmwareRun(
        folder: emission.folder, board: board, run: ChildProcess.runner
      ).figures()
    }
    let report = DemoReport(
      model: model, data: data, comparison: comparison, emission: emission, firmware: figures)
    if output.json { return try Console.json(report) }
    report.lines.forEach(Console.result)
  }

  /// The command as a user would have typed it, which is also shown.
  private func step<Command: ParsableCommand>(
    _ name: String, _: Command.Type, _ arguments: [String]
  ) throws -> Command {
    Console.note("$ mnquant \(name) " + arguments.joined(separator: " "))
    return try Command.parse(arguments)
  }

  private func bundledModel() throws -> String {
    guard data == nil else { return try ModelReference.standard() }
    return try ModelLibrary().forBuiltInData().name
  }
}

/// The main job from end to end, in figures.
struct DemoReport: Encodable {
  let model: String
  let data: String
  let comparison: ComparisonReport
  let emission: EmissionReport
  /// `nil` where it was not run.
  let firmware: FirmwareFigures?

  /// The report for people.
  var lines: [String] {
    let accuracy = comparison.accuracy.map { accuracy in
      [
        "float top-1   \(Format.percent(accuracy.floatTop1))",
        "int8 top-1    \(Format.percent(accuracy.int8Top1)) "
          + "(\(Format.signed(accuracy.deltaTop1Points)) points)",
      ]
    }
    let images = [
      "model         \(model)",
      "images        \(Format.count(comparison.images, "test image")) of \(data)",
    ]
    return images + (accuracy ?? []) + [
      "agreement     \(Format.percent(comparison.agreement))",
      "firmware      \(emission.folder), for \(emission.target)",
    ] + (firmware.map(lines) ?? [])
  }

  private func lines(_ firmware: FirmwareFigures) -> [String] {
    let flash = [("code", firmware.codeBytes), ("tables", firmware.tableBytes)]
    let ram = [("arena", firmware.arenaBytes), ("stack", firmware.stackBytes)]
    return [
      "self-test     \(firmware.selfTest)",
      "flash         \(sum(flash)) of \(Format.kibibytes(emission.flash.available))",
      "RAM           \(sum(ram)) of \(Format.kibibytes(emission.ram.available))",
      "instructions  \(firmware.instructions.map(Format.count) ?? "-") an inference",
    ]
  }

  /// `229,536 bytes (9,120 code, 220,416 tables)`.
  private func sum(_ parts: [(name: String, bytes: Int?)]) -> String {
    let known = parts.compactMap { part in part.bytes.map { (part.name, $0) } }
    let total = known.reduce(0) { $0 + $1.1 }
    let names = known.map { "\(Format.count($0.1)) \($0.0)" }.joined(separator: ", ")
    return "\(Format.count(total)) bytes (\(names))"
  }
}
