internal import ArgumentParser
internal import Boards
internal import Pipeline

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
