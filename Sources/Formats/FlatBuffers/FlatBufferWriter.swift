/// Writes a FlatBuffer from its root down: each value stands after the table that refers to it.
///
/// Equal values give equal bytes. Source: "FlatBuffers Internals", flatbuffers.dev.
package struct FlatBufferWriter {
  private var bytes: [UInt8] = []

  /// A file of the format `identifier`, four letters, whose outermost table is `root`.
  package static func file(_ root: FlatNode, identifier: String) -> [UInt8] {
    precondition(identifier.utf8.count == 4, "an identifier has four letters")
    var writer = FlatBufferWriter()
    writer.bytes = [0, 0, 0, 0] + Array(identifier.utf8)
    writer.refer(from: 0, to: root)
    return writer.bytes
  }

  /// Writes `node` and, at `place`, how far away it is.
  private mutating func refer(from place: Int, to node: FlatNode) {
    let target = write(node)
    put(UInt32(target - place), at: place)
  }

  /// Writes `node` at the end and returns where it begins.
  private mutating func write(_ node: FlatNode) -> Int {
    switch node {
    case .number: preconditionFailure("a number stands in a table")
    case .table(let fields): return write(fields)
    case .text(let text):
      let start = write(Array(text.utf8), size: 1, alignment: 4)
      bytes.append(0)
      return start
    case .numbers(let values, let size, let alignment):
      return write(values, size: size, alignment: alignment)
    case .list(let nodes):
      let start = write([UInt8](repeating: 0, count: 4 * nodes.count), size: 4, alignment: 4)
      for (index, node) in nodes.enumerated() { refer(from: start + 4 + 4 * index, to: node) }
      return start
    }
  }

  private mutating func write(_ values: [UInt8], size: Int, alignment: Int) -> Int {
    while (bytes.count + 4) % alignment != 0 || bytes.count % 4 != 0 { bytes.append(0) }
    let start = bytes.count
    bytes += [0, 0, 0, 0]
    put(UInt32(values.count / size), at: start)
    bytes += values
    return start
  }

  /// Writes the table of field offsets, then the table, then what it refers to.
  private mutating func write(_ fields: [Int: FlatNode]) -> Int {
    let numbers = fields.keys.sorted()
    var places: [Int: Int] = [:]
    var size = 4
    for number in numbers {
      let width = fields[number]?.width ?? 4
      size = (size + width - 1) / width * width
      places[number] = size
      size += width
    }
    let count = (numbers.last ?? -1) + 1
    align(to: 4)
    if count % 2 != 0 { bytes += [0, 0] }
    let description = bytes.count
    let table = description + 4 + 2 * count
    bytes += [UInt8](repeating: 0, count: 4 + 2 * count + size)
    put(UInt16(4 + 2 * count), at: description)
    put(UInt16(size), at: description + 2)
    put(UInt32(table - description), at: table)
    for number in numbers {
      guard let place = places[number], let node = fields[number] else { continue }
      put(UInt16(place), at: description + 4 + 2 * number)
      if case .number(let value) = node {
        bytes.replaceSubrange(table + place..<table + place + value.count, with: value)
      } else {
        refer(from: table + place, to: node)
      }
    }
    return table
  }

  private mutating func align(to unit: Int) {
    while bytes.count % unit != 0 { bytes.append(0) }
  }

  private mutating func put<Value: FixedWidthInteger>(_ value: Value, at place: Int) {
    for index in 0..<Value.bitWidth / 8 {
      bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
    }
  }
}

extension FlatNode {
  /// Bytes inside a table: of a number, or of a reference.
  fileprivate var width: Int {
    if case .number(let bytes) = self { bytes.count } else { 4 }
  }
}

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
