internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Operator.DepthwiseConv2D {
  /// The int8 form between two quantized tensors, with the scale of each channel's weights.
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (DepthwiseConv2D, Constants<Float>) {
    let taps = (0..<outputChannels).map { channel in
      (0..<kernel.count).map { weights[$0 * outputChannels + channel] }
    }
    let layer = try LayerWeights(taps, bias: bias, context)
    let conv = DepthwiseConv2D(
      input: context.input.shape.extent, output: context.output.shape.extent, kernel: kernel,
      stride: stride, dilation: dilation, padding: Extent(padding.top, padding.left),
      channels: channels, channelMultiplier: multiplier,
      inputZeroPoint: context.input.zeroPoint, outputZeroPoint: context.output.zeroPoint,
      clamp: context.clamp, rounding: context.rounding, weights: layer.tapMajor,
      bias: layer.bias, multipliers: layer.multipliers, shifts: layer.shifts,
      curve: context.curve)
    return (conv, layer.scales)
  }
}
