internal import ArgumentParser
internal import Decoders
internal import Pipeline

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
