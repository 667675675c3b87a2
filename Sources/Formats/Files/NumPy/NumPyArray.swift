package import Foundation

/// An `.npy` file: numbers of one type and their shape, in C order.
///
/// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
package struct NumPyArray: Hashable, Sendable {
  package let type: NumPyType
  /// The sizes, outermost axis first; none for a single number.
  package let shape: [Int]
  /// The numbers, little-endian, innermost axis fastest.
  package let bytes: Data

  /// An array of numbers, which fill `shape` exactly.
  package init<Element: NumPyElement>(_ values: [Element], shape: [Int]) {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values for shape \(shape)")
    type = Element.numPyType
    self.shape = shape
    bytes = values.withUnsafeBytes { Data($0) }
  }

  /// Reads a file.
  ///
  /// - Throws: `NumPyError` where the header or the length is wrong.
  package init(file: Data) throws(NumPyError) {
    let header = try NumPyHeader(start: file)
    try header.checkLength(file.count)
    type = header.type
    shape = header.shape
    bytes = Data(file.suffix(header.payloadBytes))
  }

  /// The file's bytes, in version 1.0 of the format.
  package func file() -> Data {
    let sizes = shape.map { "\($0)" }.joined(separator: ", ")
    let tuple = shape.count == 1 ? "(\(sizes),)" : "(\(sizes))"
    var header = "{'descr': '\(type.rawValue)', 'fortran_order': False, 'shape': \(tuple), }"
    let unpadded = NumPyHeader.magic.count + 4 + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = withUnsafeBytes(of: UInt16(header.utf8.count).littleEndian) { Data($0) }
    return Data(NumPyHeader.magic + [1, 0]) + length + Data(header.utf8) + bytes
  }

  /// The numbers, innermost axis fastest; `nil` where they are of another type.
  package func values<Element: NumPyElement>(_: Element.Type) -> [Element]? {
    guard type == Element.numPyType else { return nil }
    return [Element](unsafeUninitializedCapacity: bytes.count / type.byteCount) { buffer, count in
      count = bytes.copyBytes(to: buffer) / type.byteCount
    }
  }
}

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

/// Why bytes are not an `.npy` file that this tool reads.
package enum NumPyError: Error, Hashable {
  case magic
  case truncatedHeader(expected: Int, found: Int)
  case version(Int)
  case dictionary(String)
  case type(String)
  case order
  case shape([Int])
  case length(shape: [Int], expected: Int, found: Int)
}

extension NumPyError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .magic:
      "not an .npy file: expected it to start with \\x93NUMPY; write it with numpy.save"
    case .truncatedHeader(let expected, let found):
      "the .npy header needs \(expected) bytes and \(found) are there: the file is cut off or damaged"
    case .version(let version):
      "the .npy format has version \(version); expected 1, 2 or 3"
    case .dictionary(let text):
      "the .npy header is not a dictionary of descr, fortran_order and shape: '\(text.prefix(80))'"
    case .type(let type):
      "the .npy file holds numbers of type \(type); expected one of "
        + NumPyType.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        + "; convert with numpy's astype"
    case .order:
      "the .npy file is in Fortran order; expected C order; convert with numpy.ascontiguousarray"
    case .shape(let shape):
      "the .npy file has the impossible shape \(shape)"
    case .length(let shape, let expected, let found):
      "an .npy file of shape \(shape) has \(expected) bytes, and this one has \(found): it is cut off "
        + "or damaged"
    }
  }
}
