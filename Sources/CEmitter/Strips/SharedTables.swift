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
        var c = CWriter()
        kernel.emitTables("", into: &c)
        return "\(kernel.stem) \(c.text)"
      })
    structs = Self.owners(
      zip(kernels, tables).map { kernel, table in
        var c = CWriter()
        kernel.emitStruct("", tables: "\(table)", into: &c)
        return c.text
      })
  }

  /// The first index at which each text stands.
  private static func owners(_ texts: [String]) -> [Int] {
    var first: [String: Int] = [:]
    return texts.enumerated().map { index, text in
      first[text, default: index] = first[text] ?? index
      return first[text] ?? index
    }
  }

  /// Whether layer `index` writes its tables.
  func ownsTables(_ index: Int) -> Bool { tables[index] == index }

  /// Whether layer `index` writes its struct.
  func ownsStruct(_ index: Int) -> Bool { structs[index] == index }
}
