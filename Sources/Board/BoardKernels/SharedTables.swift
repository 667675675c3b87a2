/// Which layers share tables and structs, as the strips of one layer do: equal ones are written
/// once, under the name of the first.
package struct SharedTables {
  /// For each layer, the one whose tables it reads.
  package let tables: [Int]
  /// For each layer, the one whose struct it reads.
  package let structs: [Int]

  init(_ kernels: [Kernel]) {
    tables = Self.owners(kernels.map(\.tables))
    structs = Self.owners(
      zip(kernels, tables).map { kernel, table in
        Struct(stem: kernel.stem, record: kernel.record, tables: table)
      })
  }

  private struct Struct: Hashable {
    let stem: String
    let record: LayerRecord
    let tables: Int
  }

  /// The first index at which each value stands.
  private static func owners<Value: Hashable>(_ values: [Value]) -> [Int] {
    var first: [Value: Int] = [:]
    return values.enumerated().map { index, value in
      if let owner = first[value] { return owner }
      first[value] = index
      return index
    }
  }

  /// Whether layer `index` writes its tables.
  package func ownsTables(_ index: Int) -> Bool { tables[index] == index }

  /// Whether layer `index` writes its struct.
  package func ownsStruct(_ index: Int) -> Bool { structs[index] == index }
}
