internal import ArgumentParser
internal import Boards

/// `--target`.
struct BoardOption: ParsableArguments {
  @Option(
    name: .customLong("target"),
    help: ArgumentHelp(
      "The board or emulated core; `mnquant targets` lists them.", valueName: "board"))
  var name = "cortex-m4"

  /// The board that the user named.
  ///
  /// - Throws: `ValidationError` for an unknown one: wrong usage.
  func load() throws -> Board { try Self.board(named: name) }

  /// The board called `name`.
  ///
  /// - Throws: `ValidationError` for an unknown one: wrong usage.
  static func board(named name: String) throws -> Board {
    do {
      return try BoardCatalog.board(named: name)
    } catch {
      guard case .unknown = error else { throw Failure(error.description) }
      throw ValidationError(error.description)
    }
  }
}
