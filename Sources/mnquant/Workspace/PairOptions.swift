internal import ArgumentParser
internal import Datasets
internal import NetworkGraph
internal import QuantizedIR

/// Which float model, which int8 model made from it, and which images of the data to run.
struct PairOptions: ParsableArguments {
  @OptionGroup var model: ModelOption
  @OptionGroup var quantized: QuantizedOption

  @Option(help: "Which images.")
  var split = Dataset.Split.test

  @Option(help: "Use this many images, spread evenly over the split. Default: all.")
  var limit: Int?

  @OptionGroup var workspace: WorkspaceOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is \(limit); expected at least 1.") }
  }

  /// Both models, the int8 one made anew where the workspace's is stale.
  func load(_ workspace: inout Workspace) throws -> ModelPair {
    let int8 = try quantized.load(model, &workspace)
    var graph = try floatModel(of: int8, workspace).graph()
    if let encoding = int8.pixelEncoding { graph.preprocessing = encoding.preprocessing }
    return ModelPair(graph: graph, int8: int8)
  }

  /// The float model that `int8` was made from: `--model`, or the workspace's or a bundled one with
  /// the hash that `int8` records.
  private func floatModel(of int8: QuantizedModel, _ workspace: Workspace) throws -> LoadedModel {
    let source = int8.provenance
    if model.reference == nil, quantized.file != nil,
      let bundled = try ModelLibrary().models.first(where: { $0.sha256 == source.sourceSHA256 })
    {
      return try LoadedModel(bundled.name, prefersBundled: true)
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
}

extension Dataset.Split: ExpressibleByArgument {}
