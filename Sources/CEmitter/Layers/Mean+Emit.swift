internal import QuantizedIR

extension Mean {
  /// Twin: `mnq_mean`.
  func emitFields(into c: inout CWriter) {
    c.field("pixels", pixels)
    c.field("channels", channels)
    c.field("input_zero_point", inputZeroPoint)
    c.field("output_zero_point", outputZeroPoint)
    c.field("factor", factor)
    c.field(rounding)
  }
}
