internal import QuantizedIR

extension Conv2D {
  /// Twin: `mnq_conv2d`.
  func addFields(to record: inout LayerRecord) {
    record.field("input", input)
    record.field("output", output)
    record.field("kernel", kernel)
    record.field("stride", stride)
    record.field("dilation", dilation)
    record.field("padding", padding)
    record.field("input_channels", inputChannels)
    record.field("output_channels", outputChannels)
    record.field("groups", groups)
    record.field("input_zero_point", inputZeroPoint)
    record.field("output_zero_point", outputZeroPoint)
    record.field(clamp: clamp)
    record.field(rounding)
    record.tables("weights", "bias", "multipliers", "shifts", curve: curve)
  }
}
