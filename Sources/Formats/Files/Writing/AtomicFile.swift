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

extension AtomicFile {
  /// What reads a file, and for whom.
  package enum Reader {
    /// The file is somebody's input: from now on this process does not write over it.
    case input
    /// The file is the tool's own, which it reads in order to write it anew.
    case owner
  }

  /// The bytes of the regular file at `path`.
  ///
  /// - Throws: `FileError.missing` or `FileError.cannotRead`.
  package static func read(
    _ path: String, as reader: Reader = .input
  ) throws(FileError) -> Data {
    // Without waiting for whoever may write into a pipe.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .reading(path, errno) }
    defer { close(descriptor) }
    guard let status = FileStatus(descriptor: descriptor) else { throw .reading(path, errno) }
    try status.checkReadable(path)
    if reader == .input { InputFiles.remember(status) }
    return try bytes(descriptor, status, path)
  }

  private static func bytes(
    _ descriptor: Int32, _ status: FileStatus, _ path: String
  ) throws(FileError) -> Data {
    let most = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    guard status.size <= most, let buffer = malloc(max(1, status.size)) else {
      throw .cannotRead(
        path: path, reason: "its \(status.size) bytes do not fit into this machine's memory")
    }
    var filled = 0
    while filled < status.size {
      let count = Foundation.read(descriptor, buffer + filled, status.size - filled)
      if count > 0 {
        filled += count
      } else if count == 0 {
        break
      } else if errno != EINTR {
        let code = errno
        free(buffer)
        throw .reading(path, code)
      }
    }
    return Data(bytesNoCopy: buffer, count: filled, deallocator: .free)
  }
}

extension FileStatus {
  /// - Throws: `FileError.cannotRead` for anything but a regular file.
  func checkReadable(_ path: String) throws(FileError) {
    switch kind {
    case .file: return
    case .folder: throw .cannotRead(path: path, reason: "it is a folder; name a file in it")
    case .link, .pipe, .socket, .device:
      throw .cannotRead(
        path: path, reason: "it is \(kind.words); save what comes out of it and name that file")
    }
  }
}
