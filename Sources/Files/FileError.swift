internal import Foundation

/// Why a file could not be read or written.
package enum FileError: Error, Hashable {
  case missing(path: String)
  case cannotRead(path: String, reason: String)
  case cannotWrite(path: String, reason: String)
  /// A folder that belongs beside the executable is not there.
  case missingBundle(path: String)

  /// The operating system's own words for an error of Foundation's.
  static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    if let underlying, underlying.domain == NSPOSIXErrorDomain {
      return String(cString: strerror(Int32(underlying.code)))
    }
    return error.localizedDescription
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
