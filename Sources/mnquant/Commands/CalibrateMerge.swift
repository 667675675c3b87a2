internal import ArgumentParser
internal import Calibration
internal import Pipeline

/// `mnquant calibrate merge`.
struct CalibrateMerge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Makes one calibration of shards, equal to that of a single run.")

  @Argument(help: "The shards' files.")
  var files: [String]

  @Option(help: ArgumentHelp("The file to write. Default: the workspace's.", valueName: "file"))
  var out: String?

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let out { try OutputFile(path: out).check(ending: "json", inputs: files) }
  }

  func run() throws {
    var workspace = try workspace.open()
    let shards = try files.map { try CalibrationFile($0) }
    let merged = try Pipeline.shown().merge(shards)
    let file = out ?? workspace.defaultCalibration
    try CalibrationFile.write(merged, to: file, images: shards.first?.images ?? merged.sample.path)
    if merged.shards.missing.isEmpty { try workspace.remember(model: nil, calibration: file) }
    let report = CalibrationReport(file: file, model: merged.model.file, merged)
    Console.warn(workspace.untold(report.warnings, by: "calibrate"))
    if output.json { return try Console.json(report) }
    Console.result(report.line)
  }
}
