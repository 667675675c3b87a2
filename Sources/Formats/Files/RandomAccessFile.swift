package import FoundationEssentials
private import Glibc
private import Synchronization

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
      let count = raw.count / MemoryLayout<Element>.size
      let values = [Element](unsafeUninitializedCapacity: count) { buffer, filled in
        UnsafeMutableRawBufferPointer(buffer).copyBytes(
          from: raw.prefix(count * MemoryLayout<Element>.size))
        filled = count
      }
      return values.littleEndian
    }
  }
}

extension Array where Element: FixedWidthInteger {
  /// Each with its bytes in the other order where this machine is big-endian. A model has millions:
  /// where there is nothing to do, nothing is done to each.
  var littleEndian: [Element] {
    Element(1).littleEndian == 1 ? self : map(\.littleEndian)
  }
}

/// What the file system says of what lies at a path.
struct FileStatus {
  /// What it is.
  enum Kind {
    case file, folder, link, pipe, socket, device

    /// `a pipe`.
    var words: String {
      switch self {
      case .file: "a file"
      case .folder: "a folder"
      case .link: "a symbolic link"
      case .pipe: "a pipe"
      case .socket: "a socket"
      case .device: "a device"
      }
    }
  }

  let kind: Kind
  let identity: FileIdentity
  /// Length in bytes.
  let size: Int
  /// The permission bits.
  let mode: UInt32
  /// Whether it belongs to the user that runs this process.
  let isOwn: Bool

  /// What lies at `path`; `nil` where nothing does, with the reason in `errno`.
  init?(_ path: String, followsLinks: Bool = true) {
    var status = stat()
    guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
    self.init(status)
  }

  /// What is open as `descriptor`.
  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      case S_IFIFO: .pipe
      case S_IFSOCK: .socket
      default: .device
      }
    identity = FileIdentity(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
      changed: [Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec)])
    size = Int(status.st_size)
    mode = UInt32(status.st_mode) & 0o777
    isOwn = status.st_uid == geteuid()
  }
}

/// Which file it is, whatever paths lead to it: hard and symbolic links to a file have its identity.
struct FileIdentity: Hashable {
  let device: UInt64
  let inode: UInt64
  /// When its content was changed last, in seconds and nanoseconds: numbers of files that are gone are
  /// given to new ones.
  let changed: [Int]
}

/// The files that this process has read as somebody's input, so that it never writes over one.
enum InputFiles {
  private static let identities = Mutex<Set<FileIdentity>>([])

  /// Remembers a file that is read.
  static func remember(_ status: FileStatus) {
    identities.withLock { _ = $0.insert(status.identity) }
  }

  /// Whether the file was read.
  static func contain(_ status: FileStatus) -> Bool {
    identities.withLock { $0.contains(status.identity) }
  }
}
