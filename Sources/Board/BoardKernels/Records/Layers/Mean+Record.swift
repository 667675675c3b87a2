internal import QuantizedIR

extension Mean {
  /// Twin: `mnq_mean`.
  func addFields(to record: inout LayerRecord) {
    record.field("pixels", pixels)
    record.field("channels", channels)
    record.field("input_zero_point", inputZeroPoint)
    record.field("output_zero_point", outputZeroPoint)
    record.field("factor", factor)
    record.field(rounding)
  }
}
