package import Foundation

/// Writes many files so that each is old or new, never half of one.
package enum AtomicFolder {
  /// Puts `files`, by path relative to `folder`, into `folder`. All are written beside it first
  /// and renamed into place only when the last one is whole. Other files in `folder` stay.
  ///
  /// - Throws: `FileError.cannotWrite`; then the old files are as they were, unless renaming failed
  ///   on the way.
  package static func write(
    _ files: [(path: String, bytes: Data)], to folder: String
  ) throws(FileError) {
    let staging = folder + ".partial-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: staging) }
    do {
      try FileManager.default.createDirectory(atPath: staging, withIntermediateDirectories: true)
    } catch {
      throw .cannotWrite(path: folder, reason: FileError.reason(error))
    }
    for file in files { try AtomicFile.write(file.bytes, to: "\(staging)/\(file.path)") }
    for file in files { try move("\(staging)/\(file.path)", to: "\(folder)/\(file.path)") }
  }

  private static func move(_ source: String, to destination: String) throws(FileError) {
    let parent = URL(filePath: destination).deletingLastPathComponent().path
    do {
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    } catch {
      throw .cannotWrite(path: parent, reason: FileError.reason(error))
    }
    guard rename(source, destination) == 0 else {
      throw .cannotWrite(path: destination, reason: String(cString: strerror(errno)))
    }
  }
}
