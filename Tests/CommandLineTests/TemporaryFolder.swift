import Foundation

/// A folder that is gone after the test.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "mnquant-cli-\(UUID().uuidString)").resolvingSymlinksInPath()
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Runs the tool in the folder.
  func run(_ arguments: String...) throws -> Tool.Outcome { try Tool.run(arguments, in: url) }

  /// Writes a file, with the folders above it.
  func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
    let file = url.appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  /// The bytes of a file; `nil` where it is missing.
  func read(_ path: String) -> Data? { try? Data(contentsOf: url.appending(path: path)) }

  /// The names in a folder.
  func names(in path: String) -> Set<String> {
    let names = try? FileManager.default.contentsOfDirectory(atPath: url.appending(path: path).path)
    return Set(names ?? [])
  }
}
