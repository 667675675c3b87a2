internal import ArgumentParser
internal import Pipeline

/// Where commands leave their results and find those of others.
struct WorkspaceOptions: ParsableArguments {
  @Option(
    name: .customLong("workspace"),
    help: "Where this command leaves its result and the next one finds it.")
  var folder = WorkspaceOptions.standard

  /// Unless the user names another.
  static let standard = ".mnquant"

  /// Opens the workspace.
  func open() throws -> Workspace { try Workspace(folder) }
}
