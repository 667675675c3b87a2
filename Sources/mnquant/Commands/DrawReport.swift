internal import ArgumentParser
internal import Calibration
internal import Datasets
internal import Evaluation
internal import Files
internal import NetworkGraph
internal import QuantizedIR
internal import Report

/// `mnquant report`.
struct DrawReport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Shows where accuracy and bytes went, as one self-contained HTML page.")

  @Option(help: ArgumentHelp("The page to write.", valueName: "file.html"))
  var out: String

  @Option(help: "The images. Default: where the calibration found its own.")
  var data: String?

  @Option(help: "The order of the labels of class folders: one folder's name a line.")
  var classes: String?

  @OptionGroup var pair: PairOptions

  @Option(
    name: .customLong("own-errors"),
    help: ArgumentHelp(
      "On how many of the images each layer is run by itself.", valueName: "images"))
  var ownErrorImages = DrawReport.standardOwnErrors

  @Option(
    name: .customLong("ladder"),
    help: ArgumentHelp(
      "On how many of the images the recipe is shown step by step; 0 leaves the steps out.",
      valueName: "images"))
  var ladderImages = DrawReport.standardLadder

  @Flag(help: "Also show how long each step took, which differs from run to run.")
  var times = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  /// `--json`.
  private struct Outcome: Encodable {
    let file: String
    /// What happened to pixels.
    let pixels: PixelReport
  }

  /// Unless the user says otherwise.
  static let (standardOwnErrors, standardLadder) = (64, 1000)

  /// Pictures shown of those whose class changed, and the most pixels of their longer side.
  private static let (mostPictures, thumbnailSide) = (60, 96)

  func validate() throws {
    if ownErrorImages < 1 {
      throw ValidationError("--own-errors is \(ownErrorImages); expected at least 1.")
    }
    if ladderImages < 0 {
      throw ValidationError("--ladder is \(ladderImages); expected 0 or more.")
    }
    try OutputFile(path: out).check(
      ending: "html", inputs: [pair.model.reference, pair.quantized.file, data, classes])
  }

  func run() async throws {
    var workspace = try pair.workspace.open()
    let models = try pair.load(&workspace)
    let table = try workspace.calibration(of: models.int8)
    guard let path = data ?? table?.sample.path else {
      throw Failure(
        "\(models.int8.name): no calibration says where images lie; name a folder with --data")
    }
    let source = DataSource(path: path, classes: classes)
    let images = try source.open(pair.split, for: models.graph, sampling: pair.limit)
    let pixels = PixelReport(models.graph, images, count: pair.limit)
    pixels.lines.forEach(Console.note)
    var report = try await Failure.naming(path) {
      try await self.report(models, table, images, pixels)
    }
    report.ladder = try await ladder(table, source)
    try AtomicFile.write(try report.html(), to: out)
    if output.json { return try Console.json(Outcome(file: out, pixels: pixels)) }
    Console.result(out)
  }

  private func report(
    _ models: ModelPair, _ table: CalibrationTable?, _ images: Dataset, _ pixels: PixelReport
  ) async throws -> Report {
    let comparison = try await models.compare(images, pair.limit, threads: threads.count)
    var workspace = try pair.workspace.open()
    let warnings = [pixels.warning].compactMap(\.self) + comparison.sentences(models.int8)
    Console.warn(workspace.untold(warnings, by: "report", about: pair.quantized.file))
    let ownErrors = try await models.ownErrors(images, ownErrorImages, threads: threads.count)
    let changed = try comparison.predictions.filter { $0.float != $0.int8 }
      .prefix(Self.mostPictures).map { prediction in
        ChangedImage(
          prediction: prediction, thumbnail: try thumbnail(images.sample(at: prediction.record)))
      }
    let footprint = Footprint(
      float: GraphSummary(models.graph).floatBytes,
      constants: models.int8.layers.reduce(0) { $0 + $1.operation.constantBytes },
      arena: MemoryPlan(models.int8).arenaBytes)
    return Report(
      model: models.int8, footprint: footprint, comparison: comparison, ownErrors: ownErrors,
      ladder: [], calibration: table, changed: changed,
      notes: pixels.lines + warnings,
      commands: PageCommands(report: self, models: models, table: table, data: images.path).lines)
  }

  /// A small PNG file; `nil` for what is no picture.
  private func thumbnail(_ sample: Sample) -> [UInt8]? {
    guard case .image(let image) = sample else { return nil }
    return image.thumbnail(side: Self.thumbnailSide)
  }

  /// The steps of the default recipe; none where the model's calibration is not at hand.
  private func ladder(
    _ table: CalibrationTable?, _ source: DataSource
  ) async throws -> [LadderStep] {
    guard table != nil, ladderImages > 0 else { return [] }
    return try await pair.climb(source, limit: ladderImages, threads: threads.count).map { step in
      Console.note("\(step.name): \(Format.decimal(step.seconds, 1)) s")
      return LadderStep(
        name: step.name, images: step.result.images, top1: step.result.accuracy?.int8Top1,
        agreement: step.result.agreement, sqnrDB: step.result.outputSQNRdB,
        seconds: times ? step.seconds : nil)
    }
  }
}
