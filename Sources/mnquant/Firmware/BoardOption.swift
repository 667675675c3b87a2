internal import ArgumentParser
internal import Boards
internal import Files

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
  /// - Throws: `ValidationError` for an unknown one: wrong usage. `Failure` for a file that is
  ///   missing or wrong.
  static func board(named name: String) throws -> Board {
    if name.contains("/") || name.hasSuffix(".json") {
      let bytes = try Failure.naming(name) { try AtomicFile.read(name) }
      return try Failure.naming(name) { try Board(json: [UInt8](bytes), file: name) }
    }
    do {
      return try BoardCatalog.board(named: name)
    } catch {
      guard case .unknown = error else { throw Failure(error.description) }
      throw ValidationError(error.description)
    }
  }
}
