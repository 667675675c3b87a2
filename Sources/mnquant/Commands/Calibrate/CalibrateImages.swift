internal import ArgumentParser
internal import Calibration
internal import Datasets
internal import Files
internal import Foundation
internal import NetworkGraph
internal import Tensors

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

  func run() async throws {
    let report = try await perform()
    var workspace = try workspace.open()
    Console.warn(workspace.untold(report.warnings, by: "calibrate"))
    if output.json { return try Console.json(report) }
    Console.result(report.line)
  }

  /// Calibrates and writes the table.
  func perform() async throws -> CalibrationReport {
    var workspace = try workspace.open()
    let loaded = try model.load(workspace)
    var graph = try preprocessing.applied(to: loaded.graph())
    let images = try data.source.open(.train, for: graph, sampling: samples)
    let pixels = PixelReport(graph, images, count: samples)
    pixels.lines.forEach(Console.note)
    if images.holdsValues, !graph.preprocessingOrigins.sayWhatPixelsMean {
      graph.preprocessing = .none
    }
    if samples > images.count {
      Console.note(
        "\(data.path): --samples is \(samples), and there are \(Format.count(images.count, "image")): "
          + "using all")
    }
    let table = try await calibrate(loaded, graph, images)
    let file = out ?? workspace.calibrationFile(of: shard)
    try CalibrationFile.write(table, to: file, images: data.path)
    if shard == nil { try workspace.remember(model: loaded, calibration: file) }
    return CalibrationReport(file: file, model: loaded.reference, table, pixels)
  }

  private func calibrate(
    _ loaded: LoadedModel, _ graph: Graph, _ images: Dataset
  ) async throws -> CalibrationTable {
    let model = CalibratedModel(
      file: URL(filePath: loaded.path).lastPathComponent, sha256: loaded.sha256)
    let meter = ProgressMeter("calibrate")
    return try await Failure.naming(data.path) {
      let calibrator = try Calibrator(
        graph, dataset: images, imageCount: samples, method: method,
        shards: shard?.shards ?? .whole)
      return try await calibrator.run(tool: Tool.name, model: model, threads: threads.count) {
        meter.update(done: $0, total: $1)
      }
    }
  }
}

extension CalibrationMethod: ExpressibleByArgument {}

extension Workspace {
  /// Where a calibration goes whose user named no file.
  fileprivate func calibrationFile(of shard: ShardName?) -> String {
    guard let shard else { return defaultCalibration }
    return "\(folder)/calibration-\(shard.index)-of-\(shard.count).json"
  }
}
