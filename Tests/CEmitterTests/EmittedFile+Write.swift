import CEmitter
import Foundation

extension [EmittedFile] {
  /// Writes the files below `folder`.
  func write(to folder: URL) throws {
    for file in self {
      let url = folder.appending(path: file.path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.text.utf8).write(to: url)
    }
  }
}
