internal import ArgumentParser
internal import Datasets
internal import Decoders
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

/// `--task`, and what belongs to it.
struct TaskOptions: ParsableArguments {
  @Option(
    name: .customLong("task"),
    help: ArgumentHelp(
      "What the output stands for where it is no class.",
      discussion: """
        map: probabilities by place, as of FOMO; boxes: anchors that move, as of SSD. Default: what calibrate was told, where the workspace's int8 model is used; else nothing. See \
        Docs/Detection.md.
        """))
  var kind: DetectionTask.Kind?

  @Option(help: "The least score of what is found. Default: 0.5; 0.001 to compare boxes.")
  var threshold: Double?

  @Option(help: "What boxes of a class share of their union at most. Default: 0.55.")
  var iou: Double?

  @Option(
    help: ArgumentHelp(
      "Of boxes: the anchors, .json or .npy of [N, 4], as Docs/Detection.md shows.",
      valueName: "file"))
  var anchors: String?

  func validate() throws {
    if let threshold, !threshold.isFinite {
      throw ValidationError("--threshold is \(threshold); expected a finite number.")
    }
    if let iou, !(0...1).contains(iou) {
      throw ValidationError("--iou is \(iou); expected 0 to 1.")
    }
  }

  /// What was said, or else what `remembered` is; `nil` where neither is of a task.
  ///
  /// - Throws: `ValidationError` for an option that needs one.
  func choice(_ remembered: TaskChoice? = nil) throws -> TaskChoice? {
    guard var choice = kind.map({ TaskChoice($0) }) ?? remembered else {
      if threshold != nil || iou != nil || anchors != nil {
        throw ValidationError(
          "--threshold, --iou and --anchors go with --task; say what the output stands for.")
      }
      return nil
    }
    if choice.kind != .boxes, iou != nil || anchors != nil {
      throw ValidationError("--iou and --anchors go with --task boxes.")
    }
    choice.iou = iou ?? choice.iou
    choice.anchors = anchors ?? choice.anchors
    choice.threshold = threshold ?? choice.threshold
    return choice
  }
}

extension DetectionTask.Kind: ExpressibleByArgument {}
