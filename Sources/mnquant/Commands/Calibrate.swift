internal import ArgumentParser
internal import Calibration
internal import Datasets
internal import Pipeline

/// `mnquant calibrate`, which calibrates unless told to merge.
struct Calibrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Learns the range of every tensor from images.",
    discussion: "`mnquant help calibrate images` lists the options.",
    subcommands: [CalibrateImages.self, CalibrateMerge.self],
    defaultSubcommand: CalibrateImages.self)
}

/// `mnquant calibrate --data DIR`.
struct CalibrateImages: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images",
    abstract: "Runs the float model over training images and records every tensor's range.",
    discussion: """
      Inputs that are no pictures come as .npy of float32, [N, H, W, C], and are taken as they are.
      """)

  @OptionGroup var data: DataOptions

  @OptionGroup var model: ModelOption
  @OptionGroup(title: "Preprocessing") var preprocessing: PreprocessingOptions
  @OptionGroup var task: TaskOptions

  @Option(help: "How many images, spread evenly over the training split.")
  var samples = 512

  @Option(help: "How a range follows from what was seen.")
  var method = CalibrationMethod.minMax

  @Option(
    help: ArgumentHelp(
      "Do part I of N only; `calibrate merge` makes one file of all parts.", valueName: "i/n"))
  var shard: ShardName?

  @Option(help: ArgumentHelp("The file to write. Default: the workspace's.", valueName: "file"))
  var out: String?

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if samples < 1 { throw ValidationError("--samples is \(samples); expected at least 1.") }
    if let out {
      try OutputFile(path: out).check(
        ending: "json", inputs: [model.reference, data.path, data.classes])
    }
  }

  /// Of a model that is int8 already.
  private struct Kept: Encodable {
    let model: String
    let warnings: [String]
  }

  func run() async throws {
    var workspace = try workspace.open()
    let loaded = try model.load(workspace)
    if loaded.importedInt8 != nil {
      try workspace.remember(model: loaded, calibration: nil, task: task.choice()?.portable)
      let kept = Kept(model: loaded.reference, warnings: [loaded.keepsItsCodes])
      Console.warn(workspace.untold(kept.warnings, by: "calibrate"))
      if output.json { return try Console.json(kept) }
      return Console.result("\(loaded.reference): nothing to calibrate")
    }
    let report = try await perform()
    workspace = try self.workspace.open()
    Console.warn(workspace.untold(report.warnings, by: "calibrate"))
    if output.json { return try Console.json(report) }
    Console.result(report.line)
  }

  /// Calibrates and writes the table.
  func perform() async throws -> CalibrationReport {
    var workspace = try workspace.open()
    let loaded = try model.load(workspace)
    let choices = try preprocessing.choices(channels: loaded.inputChannels(on: .float))
    let graph = choices.applied(to: try loaded.graph())
    let task = try task.choice()
    _ = try task?.task(judging: graph)
    let pipeline = Pipeline.shown(threads: threads.count)
    let images = try pipeline.images(data.source, .train, for: graph, sampling: samples)
    let pixels = PixelReport(graph, images, count: samples)
    pixels.lines.forEach(Console.note)
    let table = try await pipeline.calibrate(
      loaded, graph, on: images, count: samples, method: method, shards: shard?.shards ?? .whole)
    let file = out ?? workspace.calibrationFile(ofPart: shard.map { ($0.index, $0.count) })
    try CalibrationFile.write(table, to: file, images: data.path)
    if shard == nil {
      try workspace.remember(model: loaded, calibration: file, task: task?.portable)
    }
    return CalibrationReport(file: file, model: loaded.reference, table, pixels)
  }
}

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

extension CalibrationMethod: ExpressibleByArgument {}
