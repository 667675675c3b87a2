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
