internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Operator.DepthwiseConv2D: WeightedOperator {
  var taps: [[Float]] {
    (0..<outputChannels).map { channel in
      (0..<kernel.count).map { weights[$0 * outputChannels + channel] }
    }
  }

  var inGraph: Operator { .depthwiseConv2D(self) }

  func operation(_ constants: LayerWeights, _ context: LayerContext) -> Operation {
    .depthwiseConv2D(
      DepthwiseConv2D(
        input: context.input.shape.extent, output: context.output.shape.extent, kernel: kernel,
        stride: stride, dilation: dilation, padding: Extent(padding.top, padding.left),
        channels: channels, channelMultiplier: multiplier,
        inputZeroPoint: context.input.zeroPoint, outputZeroPoint: context.output.zeroPoint,
        clamp: context.clamp, rounding: context.rounding, weights: constants.tapMajor,
        bias: constants.bias, multipliers: constants.multipliers, shifts: constants.shifts,
        curve: context.curve))
  }

  func dividingOutputs(by factors: [Double]) -> Operator? {
    var divided = self
    for index in weights.indices {
      divided.weights[index] = Float(Double(weights[index]) / factors[index % outputChannels])
    }
    for o in bias.indices { divided.bias[o] = Float(Double(bias[o]) / factors[o]) }
    return .depthwiseConv2D(divided)
  }

  func multiplyingInputs(by factors: [Double]) -> Operator? {
    var multiplied = self
    for index in weights.indices {
      let channel = index % outputChannels / multiplier
      multiplied.weights[index] = Float(Double(weights[index]) * factors[channel])
    }
    return .depthwiseConv2D(multiplied)
  }

  /// What it reads is `DepthwiseEqualization`'s to divide.
  var writesChains: Bool { true }

  func patches(input: Shape, output: Shape) -> Patches? {
    Patches(window, input, output)
  }

  var tapLayout: TapLayout? {
    .depthwise(channels: channels, multiplier: multiplier, taps: kernel.count)
  }
}
