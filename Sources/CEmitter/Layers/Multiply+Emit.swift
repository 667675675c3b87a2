internal import QuantizedIR

extension Multiply {
  /// Twin: `mnq_multiply`.
  func emitFields(into c: inout CWriter) {
    c.field(broadcast)
    c.field("a_zero_point", aZeroPoint)
    c.field("b_zero_point", bZeroPoint)
    c.field("output_zero_point", outputZeroPoint)
    c.field("factor", factor)
    c.field(clamp: clamp)
    c.field(rounding)
  }
}
