internal import QuantizedIR

extension DepthwiseConv2D {
  /// Twin: `mnq_depthwise_conv2d`.
  func addFields(to record: inout LayerRecord) {
    record.field("input", input)
    record.field("output", output)
    record.field("kernel", kernel)
    record.field("stride", stride)
    record.field("dilation", dilation)
    record.field("padding", padding)
    record.field("channels", channels)
    record.field("channel_multiplier", channelMultiplier)
    record.field("input_zero_point", inputZeroPoint)
    record.field("output_zero_point", outputZeroPoint)
    record.field(clamp: clamp)
    record.field(rounding)
    record.tables("weights", "bias", "multipliers", "shifts", curve: curve)
  }
}
