internal import Foundation

/// Why a file could not be read or written.
package enum FileError: Error, Hashable {
  case missing(path: String)
  case cannotRead(path: String, reason: String)
  case cannotWrite(path: String, reason: String)
  /// A folder that belongs beside the executable is not there.
  case missingBundle(path: String)

  /// Why `path` cannot be read, by the value of `errno`.
  static func reading(_ path: String, _ code: Int32) -> FileError {
    code == ENOENT
      ? .missing(path: path) : .cannotRead(path: path, reason: SystemError.words(code))
  }

  /// Why `path` cannot be written, by the value of `errno`.
  static func writing(_ path: String, _ code: Int32) -> FileError {
    .cannotWrite(path: path, reason: SystemError.words(code))
  }
}

extension FileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing(let path): "\(path): there is no such file; check the path"
    case .cannotRead(let path, let reason): "\(path): cannot be read: \(reason)"
    case .cannotWrite(let path, let reason): "\(path): cannot be written: \(reason)"
    case .missingBundle(let path):
      "\(path): there is no such folder; it belongs to the program: move it together with the "
        + "executable, or build again"
    }
  }
}

/// Why the operating system refused something, in words that say what to do about it.
package enum SystemError {
  /// The words for `code`, a value of `errno`. Those that users meet are this tool's own; the others
  /// are the system's.
  package static func words(_ code: Int32) -> String {
    switch code {
    case EACCES, EPERM: "there is no permission for it"
    case EDQUOT: "the disk quota is used up"
    case EFBIG: "it would be larger than files may be here (ulimit -f)"
    case EIO: "the disk or the network failed"
    case EISDIR: "it is a folder; name a file in it"
    case ELOOP: "its symbolic links go round in circles"
    case EMFILE, ENFILE: "too many files are open (ulimit -n)"
    case ENAMETOOLONG: "its name is too long"
    case ENOENT: "its folder does not exist"
    case ENOMEM: "there is not enough memory"
    case ENOSPC: "there is no space left on the disk"
    case ENOTDIR: "a part of its path is a file and no folder"
    case EPIPE: "nobody reads it any more"
    case EROFS: "the file system can only be read"
    default: String(cString: strerror(code))
    }
  }
}
