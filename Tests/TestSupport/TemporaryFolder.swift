package import Foundation

/// A folder that is gone after the test.
package final class TemporaryFolder: Sendable {
  package let url: URL

  package init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "mnquant-test-\(UUID().uuidString)").resolvingSymlinksInPath()
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file, with the folders above it.
  package func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
    let file = url.appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  /// The bytes of a file; `nil` where it is missing.
  package func read(_ path: String) -> Data? { try? Data(contentsOf: url.appending(path: path)) }

  /// The names in a folder.
  package func names(in path: String) -> Set<String> {
    let names = try? FileManager.default.contentsOfDirectory(atPath: url.appending(path: path).path)
    return Set(names ?? [])
  }
}

/// Calls `body` with a folder that is gone afterwards.
package func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = try TemporaryFolder()
  return try withExtendedLifetime(folder) { try body(folder.url) }
}
