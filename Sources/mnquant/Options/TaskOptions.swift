internal import ArgumentParser
internal import Decoders
internal import Pipeline

/// `--task`, and what belongs to it.
struct TaskOptions: ParsableArguments {
  @Option(
    name: .customLong("task"),
    help: ArgumentHelp(
      "What the output stands for where it is no class: map, probabilities by place, as FOMO's.",
      discussion: """
        Default: what calibrate was told, where the workspace's int8 model is used; else nothing. See \
        Docs/Detection.md.
        """))
  var kind: DetectionTask.Kind?

  @Option(help: "The least score of what is found. Default: 0.5 of a map.")
  var threshold: Double?

  func validate() throws {
    if let threshold, !threshold.isFinite {
      throw ValidationError("--threshold is \(threshold); expected a finite number.")
    }
  }

  /// What was said, or else what `remembered` is; `nil` where neither is of a task.
  ///
  /// - Throws: `ValidationError` for an option that needs one.
  func choice(_ remembered: TaskChoice? = nil) throws -> TaskChoice? {
    guard var choice = kind.map({ TaskChoice($0) }) ?? remembered else {
      if threshold != nil {
        throw ValidationError("--threshold goes with --task; say what the output stands for.")
      }
      return nil
    }
    choice.threshold = threshold ?? choice.threshold
    return choice
  }
}

extension DetectionTask.Kind: ExpressibleByArgument {}
