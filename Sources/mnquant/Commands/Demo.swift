internal import ArgumentParser
internal import Boards
internal import Datasets
internal import Foundation

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

  @OptionGroup var output: OutputOptions

  func run() async throws {
    let board = try target.load()
    let model = try model ?? bundledModel()
    let data = try data ?? builtInData()

    let common = ["--workspace", folder, "--model", model]
    _ = try await step("calibrate", CalibrateImages.self, ["--data", data] + common).perform()
    let quantized = try step("quantize", Quantize.self, common).perform()
    Console.warn(quantized.warnings)
    let comparison = try await step(
      "compare", Compare.self, ["--data", data, "--quantized", quantized.file] + common
    ).perform()
    Console.warn(comparison.warnings)
    let emission = try step(
      "emit-c", EmitC.self, ["--out", folder + "/firmware", "--target", target.name] + common
    ).perform()

    Console.note("$ make -C \(emission.folder) run")
    let report = DemoReport(
      model: model, data: data, comparison: comparison, emission: emission,
      firmware: try FirmwareRun.figures(folder: emission.folder, board: board))
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
    guard let model = try ModelLibrary().models.first(where: { $0.dataset == Self.builtInName })
    else {
      throw Failure("models.json names no model for the built-in data; name one with --model")
    }
    return model.name
  }

  /// The built-in data set's name in `models.json`.
  private static let builtInName = "shapes"

  /// The folder of the built-in data, drawn where it is not there yet.
  private func builtInData() throws -> String {
    let data = "\(folder)/\(Self.builtInName)"
    // This file is written last.
    if !FileManager.default.fileExists(atPath: data + "/batches.meta.txt") {
      Console.note("drawing the built-in data set in \(data)")
      try Failure.naming(data) { try BuiltInDataset().write(to: data) }
    }
    return data
  }
}
