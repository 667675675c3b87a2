internal import ArgumentParser
internal import Pipeline
internal import QuantizedIR

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
    let calibration = try workspace.calibration(of: models.int8)
    guard let path = data ?? calibration?.images else {
      throw PipelineError.images(.unknownPlace(model: models.int8.name))
    }
    let source = DataSource(path: path, classes: classes)
    let pipeline = Pipeline.shown(threads: threads.count)
    let images = try pipeline.images(source, pair.split, for: models.graph, sampling: pair.limit)
    let pixels = PixelReport(models.graph, images, count: pair.limit)
    pixels.lines.forEach(Console.note)
    let comparison = try await pipeline.compare(models, on: images, limit: pair.limit)
    let warnings = ComparisonReport(comparison, of: models, pixels).warnings
    workspace = try pair.workspace.open()
    Console.warn(workspace.untold(warnings, by: "report", about: pair.quantized.file))
    let layerErrors = try await pipeline.layerErrors(models, on: images, count: ownErrorImages)
    var page = try Page(
      models, comparison, layerErrors: layerErrors, calibration: calibration, images: images,
      notes: pixels.lines + warnings,
      commands: PageCommands(
        report: self, models: models, table: calibration?.foundTable, data: path
      ).lines)
    page.addArenas(by: pipeline)
    if calibration != nil, ladderImages > 0 {
      let ladder = try await pair.climb(source, limit: ladderImages, pipeline)
      for rung in ladder {
        Console.note("\(rung.name): \(Format.decimal(rung.seconds, 1)) s")
      }
      page.add(ladder, times: times)
    }
    try page.write(to: out)
    if output.json { return try Console.json(Outcome(file: out, pixels: pixels)) }
    Console.result(out)
  }
}
