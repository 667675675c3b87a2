internal import QuantizedIR

extension Lookup {
  /// The table of the function: `NAME_table`.
  func emitTable(_ name: String, into c: inout CWriter) {
    c.table("int8_t", "\(name)_table", table.values)
  }

  /// Twin: `mnq_lookup`.
  func emitFields(_ name: String, into c: inout CWriter) {
    c.field("count", count)
    c.line(".table = \(name)_table,")
  }
}
