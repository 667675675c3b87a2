internal import NetworkGraph
internal import QuantizedIR

extension Operator.FullyConnected {
  /// The int8 form between two quantized tensors, with the scale of each output's weights.
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (FullyConnected, Constants<Float>) {
    let taps = (0..<outputCount).map { Array(weights[$0 * inputCount..<($0 + 1) * inputCount]) }
    let layer = try LayerWeights(taps, bias: bias, context)
    let fullyConnected = FullyConnected(
      inputCount: inputCount, outputCount: outputCount,
      inputZeroPoint: context.input.zeroPoint, outputZeroPoint: context.output.zeroPoint,
      clamp: context.clamp, rounding: context.rounding, weights: layer.channelMajor,
      bias: layer.bias, multipliers: layer.multipliers, shifts: layer.shifts,
      curve: context.curve)
    return (fullyConnected, layer.scales)
  }
}
