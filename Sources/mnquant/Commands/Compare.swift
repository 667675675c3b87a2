internal import ArgumentParser
internal import Datasets
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

  @OptionGroup var gate: GateOption

  @Flag(help: "Print the error of every layer, worst first.")
  var layers = false

  @Flag(
    help: ArgumentHelp(
      "Show what every pass of the default recipe brings: quantize with one more at a time.",
      discussion: "From the workspace's calibration and its images; nothing is written."))
  var ladder = false

  @Option(
    help: ArgumentHelp(
      "Do part I of N only, on any machine; --merge makes one result of all parts.",
      valueName: "i/n"))
  var shard: ShardName?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Run nothing: take what these files of --shard say, with the same options.",
      valueName: "file"))
  var merge: [String] = []

  @Option(
    help: ArgumentHelp(
      "With --shard: the file to write. Default: one in the workspace.", valueName: "file"))
  var out: String?

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if shard != nil, ladder || layers || gate.maxDrop != nil || !merge.isEmpty {
      throw ValidationError(
        "--shard goes with none of --merge, --layers, --max-drop, --ladder; say them with --merge.")
    }
    if ladder, !merge.isEmpty { throw ValidationError("--merge goes without --ladder.") }
    if let out {
      guard shard != nil else { throw ValidationError("--out goes with --shard.") }
      try OutputFile(path: out).check(
        ending: "json",
        inputs: [pair.model.reference, pair.quantized.file, data.path, data.classes])
    }
    if ladder, pair.quantized.file != nil || gate.maxDrop != nil || layers || !size.isEmpty {
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
    let remembered = pair.quantized.file == nil ? try pair.workspace.open().state.task : nil
    if let choice = try task.choice(remembered) {
      if shard != nil || !merge.isEmpty {
        throw ValidationError(
          "--shard and --merge go without --task, which the workspace may remember.")
      }
      return try await compareObjects(choice, pipeline)
    }
    guard labels == nil else {
      throw ValidationError("--labels goes with --task; say what the output stands for.")
    }
    if let shard { return try await compareShard(shard, pipeline) }
    let report = try await perform(pipeline)
    try show(report, report.lines(layers: layers), warnings: report.warnings)
    guard let accuracy = report.accuracy else { return }
    try gate.check(
      -accuracy.deltaTop1Points, of: "top-1", images: report.images,
      advice:
        "calibrate with more images or another --method, or look at the worst layers with --layers")
  }

  /// Runs both networks, or puts together what ran elsewhere.
  func perform(_ pipeline: Pipeline) async throws -> ComparisonReport {
    let (models, images) = try load(pipeline)
    if gate.maxDrop != nil { try images.requireLabels() }
    let pixels = PixelReport(models.graph, images, count: pair.limit)
    pixels.lines.forEach(Console.note)
    let result =
      merge.isEmpty
      ? try await pipeline.compare(models, on: images, limit: pair.limit)
      : try pipeline.merge(merge, models, on: images, limit: pair.limit)
    return ComparisonReport(result, of: models, pixels)
  }

  private func load(_ pipeline: Pipeline) throws -> (ModelPair, Dataset) {
    var workspace = try pair.workspace.open()
    let models = try pair.load(&workspace).handling(size.choices)
    let images = try pipeline.images(
      data.source, pair.split, for: models.graph, sampling: pair.limit)
    return (models, images)
  }

  /// Runs both networks on one part of the images.
  private func compareShard(_ shard: ShardName, _ pipeline: Pipeline) async throws {
    let (models, images) = try load(pipeline)
    let part = try await pipeline.compare(
      models, on: images, limit: pair.limit, .init(shard.index, of: shard.count))
    let file =
      try out ?? pair.workspace.open().comparisonFile(ofShard: shard.index, of: shard.count)
    let report = try ComparisonShardReport(part, writtenTo: file)
    if output.json { return try Console.json(report) }
    Console.result(
      "\(report.file): shard \(report.shard), \(Format.count(report.images, "image"))")
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
    try show(report, report.lines, warnings: report.warnings)
    try gate.check(
      -report.deltaPoints, of: report.int8.name, images: report.images,
      advice: "calibrate with more images or another --method")
  }

  private func show(_ report: some Encodable, _ lines: [String], warnings: [String]) throws {
    var workspace = try pair.workspace.open()
    Console.warn(workspace.untold(warnings, by: "compare", about: pair.quantized.file))
    if output.json { try Console.json(report) } else { lines.forEach(Console.result) }
  }
}
