internal import QuantizedIR

extension Lookup {
  /// The table of the function.
  var tables: [LayerTable] { [LayerTable("table", .int8(table.values))] }

  /// Twin: `mnq_lookup`.
  func addFields(to record: inout LayerRecord) {
    record.field("count", count)
    record.field("table", .table("table"))
  }
}
