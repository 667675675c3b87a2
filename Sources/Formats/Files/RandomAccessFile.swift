package import Foundation

/// A file open for reading anywhere, from any number of threads at once.
///
/// A class, since it closes the file at the end of its life.
package final class RandomAccessFile: Sendable {
  package let path: String
  /// The file's length when it was opened.
  package let byteCount: Int
  private let descriptor: Int32

  /// Opens the file at `path`, which is an input from now on: this process does not write over it.
  ///
  /// - Throws: `FileError.missing` or `FileError.cannotRead`.
  package init(_ path: String) throws(FileError) {
    // Without waiting for whoever may write into a pipe.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0, let status = FileStatus(descriptor: descriptor) else {
      throw .reading(path, errno)
    }
    do throws(FileError) {
      try status.checkReadable(path)
    } catch {
      close(descriptor)
      throw error
    }
    InputFiles.remember(status)
    self.path = path
    byteCount = status.size
  }

  deinit { close(descriptor) }

  /// The `count` bytes from `offset` on.
  ///
  /// - Throws: `FileError.cannotRead`, also where the file ends too early.
  package func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let rest = UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
        let read = pread(descriptor, rest.baseAddress, count - filled, off_t(offset + filled))
        if read > 0 {
          filled += read
        } else if read == 0 {
          failure = .cannotRead(path: path, reason: "it ends before byte \(offset + count)")
          return
        } else if errno != EINTR {
          failure = .reading(path, errno)
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }
}

extension Data {
  /// The bytes as little-endian integers, one after another; a remainder too short for one is left
  /// out.
  package func littleEndianIntegers<Element: FixedWidthInteger>(_: Element.Type) -> [Element] {
    withUnsafeBytes { raw in
      (0..<raw.count / MemoryLayout<Element>.size).map {
        Element(
          littleEndian: raw.loadUnaligned(
            fromByteOffset: $0 * MemoryLayout<Element>.size, as: Element.self))
      }
    }
  }
}
