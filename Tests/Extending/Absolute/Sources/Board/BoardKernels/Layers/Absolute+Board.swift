internal import QuantizedIR

extension Absolute: BoardLayer {
  var stem: String { "absolute" }

  /// Twin: `mnq_absolute`.
  func addFields(to record: inout LayerRecord) {
    record.field("count", count)
    record.field("zero_point", zeroPoint)
  }
}
