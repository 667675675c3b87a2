internal import QuantizedIR

extension Multiply {
  /// Twin: `mnq_multiply`.
  func addFields(to record: inout LayerRecord) {
    record.field(broadcast)
    record.field("a_zero_point", aZeroPoint)
    record.field("b_zero_point", bZeroPoint)
    record.field("output_zero_point", outputZeroPoint)
    record.field("factor", factor)
    record.field(clamp: clamp)
    record.field(rounding)
  }
}
