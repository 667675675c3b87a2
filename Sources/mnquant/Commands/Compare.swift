internal import ArgumentParser
internal import Datasets
internal import Evaluation
internal import NetworkGraph
internal import QuantizedIR

/// `mnquant compare`.
struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares float and int8 on labelled images: accuracy, agreement, error by layer.")

  @OptionGroup var data: DataOptions

  @OptionGroup var model: ModelOption
  @OptionGroup var quantized: QuantizedOption

  @Option(help: "Which images.")
  var split = Dataset.Split.test

  @Option(help: "Use this many images, spread evenly over the split. Default: all.")
  var limit: Int?

  @Option(
    name: .customLong("max-drop"),
    help: ArgumentHelp(
      "Exit with status 2 if int8 loses more points of top-1 than this.", valueName: "points"))
  var maxDrop: Double?

  @Flag(help: "Print the error of every layer, worst first.")
  var layers = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is \(limit); expected at least 1.") }
  }

  func run() async throws {
    let report = try await perform()
    if output.json {
      try Console.json(report)
    } else {
      report.lines(layers: layers).forEach(Console.result)
    }
    try check(report)
  }

  /// Runs both networks.
  func perform() async throws -> ComparisonReport {
    var workspace = try workspace.open()
    let int8 = try quantized.load(model, &workspace)
    var graph = try floatModel(of: int8, workspace).graph()
    if let encoding = int8.pixelEncoding { graph.preprocessing = encoding.preprocessing }
    let images = try data.open(split, for: graph, sampling: limit)
    let meter = ProgressMeter("compare")
    return try await Failure.naming(data.path) {
      let comparison = try Comparison(graph, int8)
      let indices = images.evenlySpaced(limit ?? images.count)
      return ComparisonReport(
        try await comparison.run(images, at: indices, threads: threads.count) {
          meter.update(done: $0, total: $1)
        })
    }
  }

  /// The float model that `int8` was made from: `--model`, or the workspace's or a bundled one with
  /// the hash that `int8` records.
  private func floatModel(of int8: QuantizedModel, _ workspace: Workspace) throws -> LoadedModel {
    let source = int8.provenance
    if model.reference == nil, quantized.file != nil,
      let bundled = try ModelLibrary().models.first(where: { $0.sha256 == source.sourceSHA256 })
    {
      return try LoadedModel(bundled.name)
    }
    let float = try model.load(workspace)
    guard float.sha256 == source.sourceSHA256 else {
      throw Failure(
        "\(quantized.file ?? int8.name): was made from \(source.source) with SHA-256 "
          + "\(source.sourceSHA256), and \(float.reference) has \(float.sha256); name the float "
          + "model that it was made from with --model")
    }
    return float
  }

  private func check(_ report: ComparisonReport) throws {
    guard let maxDrop, -report.deltaTop1Points > maxDrop else { return }
    throw Failure(
      "int8 loses \(Format.decimal(-report.deltaTop1Points, 4)) points of top-1 on "
        + "\(report.images) images, --max-drop allows \(maxDrop); calibrate with more images or "
        + "another --method, or look at the worst layers with --layers",
      status: .gate)
  }
}

extension Dataset.Split: ExpressibleByArgument {}
