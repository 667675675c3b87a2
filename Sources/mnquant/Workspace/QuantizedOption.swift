internal import ArgumentParser
internal import Pipeline

/// `--quantized`, and what stands in for it.
struct QuantizedOption: ParsableArguments {
  @Option(
    name: .customLong("quantized"),
    help: ArgumentHelp(
      "The int8 model: a .mnq or int8 .tflite file.",
      discussion: "Default: the workspace's, made anew where the model or calibration changed."))
  var file: String?

  @OptionGroup var exactness: ExactOption

  /// The int8 model of a command that continues in `workspace`.
  func load(_ model: ModelOption, _ workspace: inout Workspace) throws -> CurrentModel {
    if let file {
      return workspace.current(
        try LoadedModel(file, exactWith: exactness.runtime).quantized())
    }
    return try Pipeline.shown().currentModel(of: model.load(workspace), in: &workspace)
  }
}
