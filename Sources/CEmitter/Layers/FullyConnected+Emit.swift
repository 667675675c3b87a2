internal import QuantizedIR

extension FullyConnected {
  /// Twin: `mnq_fully_connected`.
  func emitFields(_ name: String, into c: inout CWriter) {
    c.field("input_count", inputCount)
    c.field("output_count", outputCount)
    c.field("input_zero_point", inputZeroPoint)
    c.field("output_zero_point", outputZeroPoint)
    c.field(clamp: clamp)
    c.field(rounding)
    emitTableFields(name, into: &c)
  }
}
