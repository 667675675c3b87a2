internal import Files
internal import Foundation

/// The boards and support files that come with the tool.
package enum BoardCatalog {
  /// Every board, by name.
  ///
  /// - Throws: `BoardError.unreadable`.
  package static func boards() throws(BoardError) -> [Board] {
    try names().map { name throws(BoardError) in try board(named: name) }
  }

  /// The board called `name`.
  ///
  /// - Throws: `BoardError.unknown`, `.unreadable`, `.invalid`.
  package static func board(named name: String) throws(BoardError) -> Board {
    let known = try names()
    guard known.contains(name) else { throw .unknown(name, known: known) }
    let bytes = try data("\(name).json")
    return try Board(json: [UInt8](bytes), file: "\(name).json")
  }

  /// The names of the files of `targets/support`.
  static let supportFiles: Set<String> = {
    let names = try? Folder.names(in: BundledFolder.path(module: "Boards"))
    return Set((names ?? []).filter { !$0.hasSuffix(".json") })
  }()

  /// The text of a file of `targets/support`.
  ///
  /// - Throws: `BoardError.unreadable`.
  package static func supportFile(_ name: String) throws(BoardError) -> String {
    String(decoding: try data(name), as: UTF8.self)
  }

  private static func names() throws(BoardError) -> [String] {
    let files: [String]
    do {
      files = try Folder.names(in: BundledFolder.path(module: "Boards"))
    } catch {
      throw .unreadable(file: "targets", reason: error.description)
    }
    return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
  }

  private static func data(_ name: String) throws(BoardError) -> Data {
    do {
      return try AtomicFile.read("\(BundledFolder.path(module: "Boards"))/\(name)")
    } catch {
      throw .unreadable(file: name, reason: error.description)
    }
  }
}
