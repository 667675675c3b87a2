internal import QuantizedIR

extension FullyConnected {
  /// Twin: `mnq_fully_connected`.
  func addFields(to record: inout LayerRecord) {
    record.field("input_count", inputCount)
    record.field("output_count", outputCount)
    record.field("input_zero_point", inputZeroPoint)
    record.field("output_zero_point", outputZeroPoint)
    record.field(clamp: clamp)
    record.field(rounding)
    record.tables("weights", "bias", "multipliers", "shifts", curve: curve)
  }
}
