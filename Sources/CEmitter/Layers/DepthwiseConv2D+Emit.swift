internal import QuantizedIR

extension DepthwiseConv2D {
  /// Twin: `mnq_depthwise_conv2d`.
  func emitFields(_ name: String, into c: inout CWriter) {
    c.field("input", input)
    c.field("output", output)
    c.field("kernel", kernel)
    c.field("stride", stride)
    c.field("dilation", dilation)
    c.field("padding", padding)
    c.field("channels", channels)
    c.field("channel_multiplier", channelMultiplier)
    c.field("input_zero_point", inputZeroPoint)
    c.field("output_zero_point", outputZeroPoint)
    c.field(clamp: clamp)
    c.field(rounding)
    emitTableFields(name, into: &c)
  }
}
