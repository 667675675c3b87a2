internal import QuantizedIR

extension ChannelRequantized {
  /// The tables of a layer with weights: `NAME_weights`, `NAME_bias`, `NAME_multipliers`,
  /// `NAME_shifts` and, where there is one, `NAME_curve`.
  func emitTables(_ name: String, weights: Constants<Int8>, into tables: inout TableSet) {
    tables.add("int8_t", "\(name)_weights", weights.values)
    tables.add("int32_t", "\(name)_bias", bias.values)
    tables.add("int32_t", "\(name)_multipliers", multipliers.values)
    tables.add("int8_t", "\(name)_shifts", shifts.values)
    if let curve { tables.add("int16_t", "\(name)_curve", curve.points.values) }
  }

  /// The fields that point at those tables.
  func emitTableFields(_ name: String, into c: inout CWriter) {
    for table in ["weights", "bias", "multipliers", "shifts"] {
      c.pointer(table, "\(name)_\(table)")
    }
    c.pointer("curve", curve.map { _ in "\(name)_curve" })
  }
}
