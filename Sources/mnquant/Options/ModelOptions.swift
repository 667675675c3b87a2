internal import ArgumentParser
internal import Boards
internal import Decoders
internal import ModelImport
internal import Pipeline
internal import QuantizedIR

/// `--model`, and what stands in for it.
struct ModelOption: ParsableArguments {
  @Option(
    name: .customLong("model"),
    help: ArgumentHelp(
      "The float model: a path or a bundled model's name.",
      discussion: "Default: the one calibrated last in the workspace, else the bundled default."))
  var reference: String?

  @OptionGroup var architecture: ArchitectureOption

  /// The model that a command which continues in `workspace` is about.
  func load(_ workspace: Workspace) throws -> LoadedModel {
    let shapes = try architecture.inputShapes()
    if let reference {
      return try LoadedModel(
        reference, architecture: architecture.spelling, inputShapes: shapes)
    }
    let remembered = workspace.state.inputShapes.flatMap { InputShapes($0) } ?? .none
    return try LoadedModel(
      try workspace.state.model ?? ModelReference.standard(),
      architecture: architecture.spelling ?? workspace.state.architecture,
      inputShapes: shapes == .none ? remembered : shapes, prefersBundled: true)
  }
}

/// What a model's file may leave open: `--architecture`, `--input-shape`.
struct ArchitectureOption: ParsableArguments {
  @Option(
    name: .customLong("architecture"),
    help: ArgumentHelp(
      "The network whose weights a .safetensors or .pth file holds, such as mobilenet-v2,width=0.5.",
      discussion: "Not needed where the file's metadata names it; see Docs/Models.md.",
      valueName: "name"))
  var spelling: String?

  @Option(
    name: .customLong("input-shape"),
    help: ArgumentHelp(
      "Sizes that an ONNX file leaves open, in its own order: 1,3,96,96; of several inputs NAME=1,3,96,96.",
      valueName: "sizes"))
  var shapes: [String] = []

  /// - Throws: `ValidationError` for what are no sizes.
  func inputShapes() throws -> InputShapes {
    guard let found = InputShapes(shapes) else {
      throw ValidationError(
        "--input-shape is \(shapes.joined(separator: " ")); expected positive numbers with commas, as 1,3,96,96."
      )
    }
    return shapes.isEmpty ? .none : found
  }
}

/// `--exact-with`.
struct ExactOption: ParsableArguments {
  @Option(
    name: .customLong("exact-with"),
    help: "Whose results an int8 .tflite model is to repeat bit for bit.")
  var runtime = ExactOption.standard

  /// Unless the user names another.
  static let standard = ExactRuntime.litert
}

extension ExactRuntime: ExpressibleByArgument {}

/// `--target`.
struct BoardOption: ParsableArguments {
  @Option(
    name: .customLong("target"),
    help: ArgumentHelp(
      "The board or emulated core, as `mnquant targets` lists them, or a JSON file of your own.",
      valueName: "board"))
  var name = "cortex-m4"

  /// The board that the user named.
  ///
  /// - Throws: `ValidationError` for an unknown one: wrong usage.
  func load() throws -> Board { try Self.board(named: name) }

  /// The board called `name`, or that of the file of this name.
  ///
  /// - Throws: `ValidationError` for an unknown one: wrong usage. `PipelineError` for a file that is
  ///   missing or wrong.
  static func board(named name: String) throws -> Board {
    do {
      return try Board.named(name)
    } catch .firmware(.unknownBoard(let error)) {
      throw ValidationError(error.description)
    }
  }
}

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
