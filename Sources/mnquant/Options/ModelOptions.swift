internal import ArgumentParser
internal import Boards
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
      guard case .unknown(let name, let known) = error,
        let guess = EditDistance.nearest(to: name, among: known)
      else { throw ValidationError(error.description) }
      throw ValidationError("\(error.description) Did you mean '\(guess)'?")
    }
  }
}
