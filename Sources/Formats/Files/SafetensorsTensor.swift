package import Foundation

/// One tensor of a safetensors file: its type, shape and little-endian bytes.
package struct SafetensorsTensor: Hashable, Sendable {
  /// `I8`, `I32`, `F32` and so on.
  package let dtype: String
  /// The sizes, outermost axis first.
  package let shape: [Int]
  /// The values, little-endian, innermost axis fastest.
  package let bytes: Data

  /// A tensor from its stored form.
  package init(dtype: String, shape: [Int], bytes: Data) {
    self.dtype = dtype
    self.shape = shape
    self.bytes = bytes
  }

  /// A vector of integers.
  package init<Element: FixedWidthInteger>(_ values: [Element]) {
    self.init(
      dtype: Self.dtype(Element.self), shape: [values.count],
      bytes: values.map(\.littleEndian).withUnsafeBytes { Data($0) })
  }

  /// A vector of 32-bit floats.
  package init(_ values: [Float]) {
    self.init(
      dtype: "F32", shape: [values.count],
      bytes: values.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) })
  }

  /// The values as integers; `nil` where the type is another.
  package func integers<Element: FixedWidthInteger>(_: Element.Type) -> [Element]? {
    guard dtype == Self.dtype(Element.self) else { return nil }
    return bytes.littleEndianIntegers(Element.self)
  }

  /// The values as 32-bit floats, from `F32`, `F16` or `BF16`; `nil` where the type is another.
  package func floats() -> [Float]? {
    switch dtype {
    case "F32": bytes.littleEndianIntegers(UInt32.self).map { Float(bitPattern: $0) }
    case "F16": bytes.littleEndianIntegers(UInt16.self).map { Float(Float16(bitPattern: $0)) }
    case "BF16": bytes.littleEndianIntegers(UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    default: nil
    }
  }

  /// Bytes of one value of `dtype`; `nil` for an unknown type.
  static func elementBytes(_ dtype: String) -> Int? {
    switch dtype {
    case "I8", "U8", "BOOL": 1
    case "I16", "U16", "F16", "BF16": 2
    case "I32", "U32", "F32": 4
    case "I64", "U64", "F64": 8
    default: nil
    }
  }

  private static func dtype<Element: FixedWidthInteger>(_: Element.Type) -> String {
    (Element.isSigned ? "I" : "U") + "\(Element.bitWidth)"
  }
}
