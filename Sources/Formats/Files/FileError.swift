private import Foundation

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
