internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Operator.DepthwiseConv2D: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
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
    return (.depthwiseConv2D(conv), layer.scales)
  }

  var outputStage: OutputStage { .sums }
  var hasWideForm: Bool { true }

  func adding(_ offset: Double) -> Operator? {
    var shifted = self
    for o in bias.indices {
      let taps = Swift.stride(from: o, to: weights.count, by: outputChannels)
      shifted.bias[o] += Float(offset * taps.reduce(0) { $0 + Double(weights[$1]) })
    }
    return .depthwiseConv2D(shifted)
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
    Patches(
      input, output, kernel: kernel, stride: stride, dilation: dilation, padding: padding)
  }

  var tapLayout: TapLayout? {
    .depthwise(channels: channels, multiplier: multiplier, taps: kernel.count)
  }
}
