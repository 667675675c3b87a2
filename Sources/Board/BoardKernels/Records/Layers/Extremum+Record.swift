internal import QuantizedIR

extension Extremum {
  /// Twin: `mnq_extremum`.
  func addFields(to record: inout LayerRecord) {
    record.field(broadcast)
    let value: LayerRecord.Value =
      switch choice {
      case .maximum: .constant("MNQ_MAXIMUM", 0)
      case .minimum: .constant("MNQ_MINIMUM", 1)
      }
    record.field("choice", value)
  }
}
