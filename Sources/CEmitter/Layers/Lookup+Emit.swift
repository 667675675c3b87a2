internal import QuantizedIR

extension Lookup {
  /// The table of the function: `NAME_table`.
  func emitTable(_ name: String, into tables: inout TableSet) {
    tables.add("int8_t", "\(name)_table", table.values)
  }

  /// Twin: `mnq_lookup`.
  func emitFields(_ name: String, into c: inout CWriter) {
    c.field("count", count)
    c.pointer("table", "\(name)_table")
  }
}
