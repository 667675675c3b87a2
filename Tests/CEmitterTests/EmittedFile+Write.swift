import CEmitter
import Foundation
import Testing

extension [EmittedFile] {
  /// Writes the files below `folder`. Nobody waits for the disk, as `Data.write` would for each.
  func write(to folder: URL) throws {
    for file in self {
      let url = folder.appending(path: file.path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      let stream = try #require(fopen(url.path, "w"), "\(url.path)")
      let isWritten = fputs(file.text, stream) >= 0
      try #require(fclose(stream) == 0 && isWritten, "\(url.path)")
    }
  }
}
