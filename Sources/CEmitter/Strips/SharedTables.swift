/// Which layers share tables and structs, as the strips of one layer do: equal ones are written
/// once, under the name of the first.
struct SharedTables {
  /// For each layer, the one whose tables it reads.
  let tables: [Int]
  /// For each layer, the one whose struct it reads.
  let structs: [Int]

  init(_ kernels: [Kernel]) {
    tables = Self.owners(
      kernels.map { kernel in
        var tables = TableSet(object: kernel.stem)
        kernel.emitTables("", into: &tables)
        return tables
      })
    structs = Self.owners(
      zip(kernels, tables).map { kernel, table in
        var c = CWriter()
        kernel.emitFields("\(table)", into: &c)
        return "\(kernel.stem) \(c.text)"
      })
  }

  /// The first index at which each value stands.
  private static func owners(_ values: [some Hashable]) -> [Int] {
    var first: [AnyHashable: Int] = [:]
    return values.enumerated().map { index, value in
      if let owner = first[value] { return owner }
      first[value] = index
      return index
    }
  }

  /// Whether layer `index` writes its tables.
  func ownsTables(_ index: Int) -> Bool { tables[index] == index }

  /// Whether layer `index` writes its struct.
  func ownsStruct(_ index: Int) -> Bool { structs[index] == index }
}
