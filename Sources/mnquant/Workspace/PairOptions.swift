internal import ArgumentParser
internal import Calibration
internal import Datasets
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

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
    let float = try floatModel(of: int8, workspace)
    var graph = try float.graph()
    if let encoding = int8.pixelEncoding {
      let pixels = PixelHandling(encoding.preprocessing, PreprocessingOrigins(.calibration))
        .attributed(to: PixelHandling(graph))
      graph.preprocessing = pixels.preprocessing
      graph.preprocessingOrigins = calibratedOrigins(of: int8, workspace) ?? pixels.origins
    } else if int8.provenance.calibration != nil {
      // Calibrated with inputs that are no pictures.
      graph.preprocessing = .none
    }
    return ModelPair(graph: graph, int8: int8, floatModel: float)
  }

  /// Who said then what happens to pixels, where the workspace's calibration is that of `int8`.
  private func calibratedOrigins(
    of int8: QuantizedModel, _ workspace: Workspace
  ) -> PreprocessingOrigins? {
    // A calibration that cannot be read is of no matter here.
    guard let table = try? workspace.calibration(of: int8),
      table.preprocessing == int8.pixelEncoding?.preprocessing, var origins = table.origins
    else { return nil }
    // To this command it is the calibration that says what its user typed then.
    if origins.mean == .commandLine { origins.mean = .calibration }
    if origins.std == .commandLine { origins.std = .calibration }
    if origins.resize == .commandLine { origins.resize = .calibration }
    if origins.crop == .commandLine { origins.crop = .calibration }
    return origins
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
