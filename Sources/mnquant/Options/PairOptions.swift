internal import ArgumentParser
internal import Datasets
internal import Pipeline

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
    let isAlone = model.reference == nil && quantized.file != nil
    let bundled = isAlone ? try ModelPair.bundledSource(of: int8.model) : nil
    return try ModelPair(
      int8, called: quantized.file, madeFrom: try bundled ?? model.load(workspace))
  }

  /// What one pass more of the default recipe at a time gives, from the workspace's calibration, on
  /// `limit` images of `source`, or all.
  func climb(
    _ source: DataSource, limit: Int?, _ pipeline: Pipeline
  ) async throws -> [LadderRung] {
    let workspace = try workspace.open()
    let float = try model.load(workspace)
    let calibration = try CalibrationFile(try workspace.requireCalibration())
    return try await pipeline.climb(float, calibration, on: source, split, limit: limit)
  }
}

extension Dataset.Split: ExpressibleByArgument {}
