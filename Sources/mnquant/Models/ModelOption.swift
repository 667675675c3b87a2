internal import ArgumentParser

/// `--model`, and what stands in for it.
struct ModelOption: ParsableArguments {
  @Option(
    name: .customLong("model"),
    help: ArgumentHelp(
      "The float model: a path or a bundled model's name.",
      discussion: "Default: the one calibrated last in the workspace, else the bundled default."))
  var reference: String?

  /// The model that a command which continues in `workspace` is about.
  func load(_ workspace: Workspace) throws -> LoadedModel {
    try LoadedModel(try reference ?? workspace.state.model ?? ModelReference.standard())
  }
}
