/// A value to be written into a FlatBuffer.
package indirect enum FlatNode: Sendable {
  /// A number inside a table, as its little-endian bytes.
  case number([UInt8])
  /// Fields by number; those left out have their defaults.
  case table([Int: FlatNode])
  case text(String)
  /// Numbers one after another, as their little-endian bytes; the first lies at a multiple of
  /// `alignment`.
  case numbers([UInt8], size: Int, alignment: Int)
  /// Tables or texts.
  case list([FlatNode])
}

extension FlatNode {
  /// An integer inside a table.
  package static func integer<Value: FixedWidthInteger>(_ value: Value) -> FlatNode {
    .number(littleEndian([value]))
  }

  /// A Boolean inside a table.
  package static func flag(_ value: Bool) -> FlatNode { .integer(UInt8(value ? 1 : 0)) }

  /// A 32-bit float inside a table.
  package static func float(_ value: Float) -> FlatNode { .integer(value.bitPattern) }

  /// A vector of integers.
  package static func integers<Value: FixedWidthInteger>(
    _ values: [Value], alignment: Int = 4
  ) -> FlatNode {
    let size = Value.bitWidth / 8
    return .numbers(littleEndian(values), size: size, alignment: max(size, alignment))
  }

  /// A vector of 32-bit floats.
  package static func floats(_ values: [Float]) -> FlatNode { .integers(values.map(\.bitPattern)) }

  private static func littleEndian<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
    values.flatMap { value in
      (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
  }
}
