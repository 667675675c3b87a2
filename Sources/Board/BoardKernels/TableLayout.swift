/// A const table of a layer.
package struct LayerTable: Hashable, Sendable {
  /// As the layer's record points at it.
  package let name: String
  package let values: Values

  package enum Values: Hashable, Sendable {
    case int8([Int8])
    case int16([Int16])
    case int32([Int32])
    case channels([PackedChannel])
  }

  init(_ name: String, _ values: Values) {
    self.name = name
    self.values = values
  }

  /// Bytes of an element.
  package var elementBytes: Int {
    switch values {
    case .int8: 1
    case .int16: 2
    case .int32: 4
    case .channels: PackedChannel.bytes
    }
  }

  /// As it lies in memory, least significant bytes first.
  package var bytes: [UInt8] {
    switch values {
    case .int8(let values): Self.bytes(values)
    case .int16(let values): Self.bytes(values)
    case .int32(let values): Self.bytes(values)
    case .channels(let values): Self.bytes(values.flatMap(\.words))
    }
  }

  private static func bytes<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
    let size = Value.bitWidth / 8
    return values.flatMap { value in
      (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * Value(truncatingIfNeeded: $0))) }
    }
  }
}

/// The const tables of a network as one object, whose bytes are known: each table is a multiple of
/// 16 bytes long, so nothing lies between them, and each begins at a multiple of 16.
package struct TableLayout: Sendable {
  /// In order.
  package private(set) var entries: [Entry] = []
  /// The object as it lies in memory.
  package private(set) var bytes: [UInt8] = []
  private var offsets: [Key: Int] = [:]

  /// Whose table it is.
  package enum Key: Hashable, Sendable {
    /// Of a layer, with the table's name.
    case layer(Int, String)
    /// A constant operand: a tensor.
    case constant(Int)
  }

  package struct Entry: Hashable, Sendable {
    package let key: Key
    package let table: LayerTable
    /// Elements with those that fill it up.
    package let count: Int
  }

  /// What every table's size is a multiple of.
  private static let unit = 16

  init() {}

  mutating func add(_ key: Key, _ table: LayerTable) {
    let image = table.bytes
    let length = (image.count + Self.unit - 1) / Self.unit * Self.unit
    entries.append(Entry(key: key, table: table, count: length / table.elementBytes))
    offsets[key] = bytes.count
    bytes += image + [UInt8](repeating: 0, count: length - image.count)
  }

  /// Where in the object a table begins.
  package func offset(of key: Key) -> Int {
    guard let offset = offsets[key] else {
      preconditionFailure("a record points at a table that its layer has not: \(key)")
    }
    return offset
  }
}

/// Which layers share tables and structs, as the parts of one layer do: equal ones are written
/// once, under the name of the first.
package struct SharedTables {
  /// For each layer, the one whose tables it reads.
  package let tables: [Int]
  /// For each layer, the one whose struct it reads.
  package let structs: [Int]

  /// - Parameter like: For each kernel, the first one that is known to be the same.
  init(_ kernels: [Kernel], like: [Int]) {
    let different = kernels.indices.filter { like[$0] == $0 }
    let tables = Self.owners(different) { kernels[$0].tables }
    let structs = Self.owners(different) { index in
      Struct(
        stem: kernels[index].stem, record: kernels[index].record, tables: tables[index] ?? index)
    }
    self.tables = like.map { tables[$0] ?? $0 }
    self.structs = like.map { structs[$0] ?? $0 }
  }

  private struct Struct: Hashable {
    let stem: String
    let record: LayerRecord
    let tables: Int
  }

  /// For each of `indices`, the first one whose value is the same.
  private static func owners<Value: Hashable>(
    _ indices: [Int], _ value: (Int) -> Value
  ) -> [Int: Int] {
    var first: [Value: Int] = [:]
    return Dictionary(
      uniqueKeysWithValues: indices.map { index in
        let key = value(index)
        let owner = first[key] ?? index
        first[key] = owner
        return (index, owner)
      })
  }

  /// Whether layer `index` writes its tables.
  package func ownsTables(_ index: Int) -> Bool { tables[index] == index }

  /// Whether layer `index` writes its struct.
  package func ownsStruct(_ index: Int) -> Bool { structs[index] == index }
}
