package import Foundation

/// Writes whole files or none.
package enum AtomicFile {
  /// Replaces the file at `path` with `bytes`: written beside it, then renamed into place, so that
  /// a run that dies leaves the old file whole. Missing parent folders are made.
  ///
  /// - Throws: `FileError.cannotWrite`.
  package static func write(_ bytes: Data, to path: String) throws(FileError) {
    if path.hasSuffix("/") || isFolder(path) {
      throw .cannotWrite(path: path, reason: "it is a folder; name a file in it")
    }
    let url = URL(filePath: path)
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try bytes.write(to: url, options: .atomic)
    } catch {
      throw .cannotWrite(path: path, reason: FileError.reason(error))
    }
  }

  /// Replaces the file at `path` with `text` in UTF-8; see `write(_:to:)`.
  package static func write(_ text: String, to path: String) throws(FileError) {
    try write(Data(text.utf8), to: path)
  }

  /// The bytes of the file at `path`.
  ///
  /// - Throws: `FileError.missing` or `FileError.cannotRead`.
  package static func read(_ path: String) throws(FileError) -> Data {
    guard FileManager.default.fileExists(atPath: path) else { throw .missing(path: path) }
    if isFolder(path) {
      throw .cannotRead(path: path, reason: "it is a folder; name a file in it")
    }
    do {
      return try Data(contentsOf: URL(filePath: path))
    } catch {
      throw .cannotRead(path: path, reason: FileError.reason(error))
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}
