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
