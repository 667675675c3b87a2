internal import ArgumentParser
internal import Pipeline

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
    if let reference { return try LoadedModel(reference, architecture: architecture.spelling) }
    return try LoadedModel(
      try workspace.state.model ?? ModelReference.standard(),
      architecture: architecture.spelling ?? workspace.state.architecture, prefersBundled: true)
  }
}
