package import Foundation

/// Writes whole files or none.
package enum AtomicFile {
  /// Replaces the file at `path` with `bytes`: written beside it, then renamed into place, so that
  /// a run that dies leaves the old file whole. Missing parent folders are made. What `path` may be
  /// is told at `Destination`.
  ///
  /// - Throws: `FileError.cannotWrite`.
  package static func write(_ bytes: Data, to path: String) throws(FileError) {
    let destination = try Destination(path)
    let parent = Folder.parent(of: destination.target) ?? "."
    try Folder.make(parent, for: path)
    let partial = try Partial.file(in: parent, mode: destination.mode, for: path)
    defer { partial.discard() }
    try partial.write(bytes, for: path)
    try partial.commit(as: destination.target, for: path)
  }

  /// Replaces the file at `path` with `text` in UTF-8; see `write(_:to:)`.
  package static func write(_ text: String, to path: String) throws(FileError) {
    try write(Data(text.utf8), to: path)
  }
}
