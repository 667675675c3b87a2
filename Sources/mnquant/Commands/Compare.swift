internal import ArgumentParser
internal import Evaluation
internal import Pipeline

/// `mnquant compare`.
struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares float and int8 on images: accuracy, agreement, error by layer.",
    discussion: "Without labels there is no accuracy.")

  @OptionGroup var data: DataOptions

  @OptionGroup var pair: PairOptions
  @OptionGroup var task: TaskOptions

  @Option(
    help: ArgumentHelp(
      "With --task: where objects are, in COCO's JSON.",
      discussion: """
        Default: _annotations.coco.json or annotations.json in the folder or its split's.
        """,
      valueName: "file"))
  var labels: String?

  @OptionGroup(title: "Preprocessing") var size: SizeOptions

  @Option(
    name: .customLong("max-drop"),
    help: ArgumentHelp(
      "Exit with status 2 if int8 loses more points of top-1 than this, or of F1 or mAP.",
      valueName: "points"))
  var maxDrop: Double?

  @Flag(help: "Print the error of every layer, worst first.")
  var layers = false

  @Flag(
    help: ArgumentHelp(
      "Show what every pass of the default recipe brings: quantize with one more at a time.",
      discussion: "From the workspace's calibration and its images; nothing is written."))
  var ladder = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let maxDrop, !maxDrop.isFinite {
      throw ValidationError("--max-drop is \(maxDrop); expected a finite number of points.")
    }
    if ladder, pair.quantized.file != nil || maxDrop != nil || layers || !size.isEmpty {
      throw ValidationError(
        "--ladder goes with none of --quantized, --max-drop, --layers, --resize, --crop, --squash.")
    }
  }

  func run() async throws {
    let pipeline = Pipeline.shown(threads: threads.count)
    if ladder {
      let report = LadderReport(
        try await pair.climb(data.source, limit: pair.limit, pipeline))
      return output.json ? try Console.json(report) : report.lines.forEach(Console.result)
    }
    var workspace = try pair.workspace.open()
    if let choice = try task.choice(pair.quantized.file == nil ? workspace.state.task : nil) {
      return try await compareObjects(choice, pipeline)
    }
    if labels != nil {
      throw ValidationError("--labels goes with --task; say what the output stands for.")
    }
    let report = try await perform(pipeline)
    workspace = try pair.workspace.open()
    Console.warn(workspace.untold(report.warnings, by: "compare", about: pair.quantized.file))
    if output.json {
      try Console.json(report)
    } else {
      report.lines(layers: layers).forEach(Console.result)
    }
    try check(report)
  }

  /// Runs both networks.
  func perform(_ pipeline: Pipeline) async throws -> ComparisonReport {
    var workspace = try pair.workspace.open()
    let models = try pair.load(&workspace).handling(size.choices)
    let images = try pipeline.images(
      data.source, pair.split, for: models.graph, sampling: pair.limit)
    if maxDrop != nil { try images.requireLabels() }
    let pixels = PixelReport(models.graph, images, count: pair.limit)
    pixels.lines.forEach(Console.note)
    let result = try await pipeline.compare(models, on: images, limit: pair.limit)
    return ComparisonReport(result, of: models, pixels)
  }

  /// Runs both networks on pictures with objects, and shows what they find.
  private func compareObjects(_ choice: TaskChoice, _ pipeline: Pipeline) async throws {
    if layers {
      throw ValidationError("--layers goes without --task, which the workspace may remember.")
    }
    var workspace = try pair.workspace.open()
    let models = try pair.load(&workspace).handling(size.choices)
    let task = try choice.task(judging: models.graph)
    let (images, objects) = try pipeline.labeledImages(
      data.source, pair.split, labels: labels, for: models.graph, sampling: pair.limit)
    let pixels = PixelReport(models.graph, images, count: pair.limit)
    pixels.lines.forEach(Console.note)
    let result = try await pipeline.compare(models, task, on: images, objects, limit: pair.limit)
    let report = ObjectReport(result, task, of: models, pixels)
    Console.warn(workspace.untold(report.warnings, by: "compare", about: pair.quantized.file))
    if output.json { try Console.json(report) } else { report.lines.forEach(Console.result) }
    guard let maxDrop, -report.deltaPoints > maxDrop else { return }
    throw Failure(
      "int8 loses \(Format.decimal(-report.deltaPoints, 4)) points of \(report.int8.name) on "
        + "\(Format.count(report.images, "image")), --max-drop allows \(maxDrop); calibrate with more "
        + "images or another --method",
      status: .gate)
  }

  private func check(_ report: ComparisonReport) throws {
    guard let maxDrop, let accuracy = report.accuracy, -accuracy.deltaTop1Points > maxDrop else {
      return
    }
    throw Failure(
      "int8 loses \(Format.decimal(-accuracy.deltaTop1Points, 4)) points of top-1 on "
        + "\(Format.count(report.images, "image")), --max-drop allows \(maxDrop); calibrate with more images or "
        + "another --method, or look at the worst layers with --layers",
      status: .gate)
  }
}
