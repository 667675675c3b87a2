internal import QuantizedIR

extension Add {
  /// Twin: `mnq_add`.
  func addFields(to record: inout LayerRecord) {
    record.field(broadcast)
    record.field("a_zero_point", aZeroPoint)
    record.field("a_factor", aFactor)
    record.field("b_zero_point", bZeroPoint)
    record.field("b_factor", bFactor)
    record.field("output_zero_point", outputZeroPoint)
    record.field("output_factor", outputFactor)
    record.field(clamp: clamp)
    record.field(rounding)
  }
}
