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

/// `I/N`: one of the parts of a calibration.
struct ShardName: ExpressibleByArgument {
  /// In `1 ... count`.
  let index: Int
  let count: Int

  init?(argument: String) {
    let numbers = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let index = numbers[0], let count = numbers[1],
      (1...CalibrationShards.greatestCount).contains(count), (1...count).contains(index)
    else { return nil }
    self.index = index
    self.count = count
  }

  /// The same for the calibrator.
  var shards: CalibrationShards { CalibrationShards(index, of: count) }
}
