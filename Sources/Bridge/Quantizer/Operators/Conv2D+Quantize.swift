internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Operator.Conv2D {
  /// The int8 form between two quantized tensors, with the scale of each channel's weights.
  func quantized(_ context: LayerContext) throws(QuantizationError) -> (Conv2D, Constants<Float>) {
    let taps = (0..<outputChannels).map { Array(weights[$0 * patchCount..<($0 + 1) * patchCount]) }
    let layer = try LayerWeights(taps, bias: bias, context)
    let conv = Conv2D(
      input: context.input.shape.extent, output: context.output.shape.extent, kernel: kernel,
      stride: stride, dilation: dilation, padding: Extent(padding.top, padding.left),
      inputChannels: inputChannels, outputChannels: outputChannels, groups: groups,
      inputZeroPoint: context.input.zeroPoint, outputZeroPoint: context.output.zeroPoint,
      clamp: context.clamp, rounding: context.rounding, weights: layer.channelMajor,
      bias: layer.bias, multipliers: layer.multipliers, shifts: layer.shifts,
      curve: context.curve)
    return (conv, layer.scales)
  }
}
