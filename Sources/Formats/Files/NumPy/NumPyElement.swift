/// A type of number that this tool reads from and writes to `.npy` files.
package enum NumPyType: String, CaseIterable, Hashable, Sendable {
  case float32 = "<f4"
  case int32 = "<i4"
  case int64 = "<i8"
  case int8 = "|i1"
  case uint8 = "|u1"

  /// Bytes of one number.
  package var byteCount: Int {
    switch self {
    case .int64: 8
    case .float32, .int32: 4
    case .int8, .uint8: 1
    }
  }
}

/// The Swift twin of a `NumPyType`. Files are little-endian, as is every host that Swift runs on.
package protocol NumPyElement: BitwiseCopyable {
  static var numPyType: NumPyType { get }
}

extension Float: NumPyElement {
  package static var numPyType: NumPyType { .float32 }
}

extension Int64: NumPyElement {
  package static var numPyType: NumPyType { .int64 }
}

extension Int32: NumPyElement {
  package static var numPyType: NumPyType { .int32 }
}

extension Int8: NumPyElement {
  package static var numPyType: NumPyType { .int8 }
}

extension UInt8: NumPyElement {
  package static var numPyType: NumPyType { .uint8 }
}
