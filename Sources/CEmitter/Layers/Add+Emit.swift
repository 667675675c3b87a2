internal import QuantizedIR

extension Add {
  /// Twin: `mnq_add`.
  func emitFields(into c: inout CWriter) {
    c.field(broadcast)
    c.field("a_zero_point", aZeroPoint)
    c.field("a_factor", aFactor)
    c.field("b_zero_point", bZeroPoint)
    c.field("b_factor", bFactor)
    c.field("output_zero_point", outputZeroPoint)
    c.field("output_factor", outputFactor)
    c.field(clamp: clamp)
    c.field(rounding)
  }
}
