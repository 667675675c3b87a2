internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Operator.Conv2D: WeightedOperator {
  var taps: [[Float]] { weights.rows(of: patchCount) }
  var inGraph: Operator { .conv2D(self) }

  func operation(_ constants: LayerWeights, _ context: LayerContext) -> Operation {
    .conv2D(
      Conv2D(
        input: context.input.shape.extent, output: context.output.shape.extent, kernel: kernel,
        stride: stride, dilation: dilation, padding: Extent(padding.top, padding.left),
        inputChannels: inputChannels, outputChannels: outputChannels, groups: groups,
        sums: constants.sums(constants.channelMajor, context)))
  }

  func dividingOutputs(by factors: [Double]) -> Operator? {
    var divided = self
    for o in 0..<outputChannels {
      for tap in o * patchCount..<(o + 1) * patchCount {
        divided.weights[tap] = Float(Double(weights[tap]) / factors[o])
      }
      divided.bias[o] = Float(Double(bias[o]) / factors[o])
    }
    return .conv2D(divided)
  }

  func multiplyingInputs(by factors: [Double]) -> Operator? {
    guard groups == 1 else { return nil }
    var multiplied = self
    for index in weights.indices {
      multiplied.weights[index] = Float(Double(weights[index]) * factors[index % inputChannels])
    }
    return .conv2D(multiplied)
  }

  var writesChains: Bool { true }
  var readsChains: Bool { groups == 1 }

  func patches(input: Shape, output: Shape) -> Patches? {
    Patches(window, input, output)
  }

  var tapLayout: TapLayout? { groups == 1 ? .dense(count: patchCount) : nil }
  var denseWeights: [[Float]]? { groups == 1 ? taps : nil }
}

extension Operator.DepthwiseConv2D: WeightedOperator {
  var taps: [[Float]] {
    (0..<outputChannels).map { channel in
      (0..<kernel.count).map { weights[$0 * outputChannels + channel] }
    }
  }

  var inGraph: Operator { .depthwiseConv2D(self) }
  var wideFamily: WideCosts.Family? { .depthwise }

  func operation(_ constants: LayerWeights, _ context: LayerContext) -> Operation {
    .depthwiseConv2D(
      DepthwiseConv2D(
        input: context.input.shape.extent, output: context.output.shape.extent, kernel: kernel,
        stride: stride, dilation: dilation, padding: Extent(padding.top, padding.left),
        channels: channels, channelMultiplier: multiplier,
        sums: constants.sums(constants.tapMajor, context)))
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

/// A convolution of each pixel alone.
extension Operator.BatchNormalization: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    try asConvolution.quantized(context)
  }

  var asConvolution: Operator.DepthwiseConv2D {
    Operator.DepthwiseConv2D(
      weights: scale, bias: offset, kernel: .unit, channels: scale.count)
  }

  var outputStage: OutputStage { .sums }
  var wideFamily: WideCosts.Family? { .depthwise }
}

/// Weights go to the nearest codes: which inputs meet in a sum differs from pixel to pixel, so there
/// is no one window to learn from.
extension Operator.TransposedConv2D: WeightedOperator {
  var taps: [[Float]] { weights.rows(of: patchCount) }
  var inGraph: Operator { .transposedConv2D(self) }
  var wideFamily: WideCosts.Family? { nil }

  func operation(_ constants: LayerWeights, _ context: LayerContext) -> Operation {
    .transposedConv2D(
      TransposedConv2D(
        input: context.input.shape.extent, output: context.output.shape.extent, kernel: kernel,
        stride: stride, padding: Extent(cropping.top, cropping.left),
        inputChannels: inputChannels, outputChannels: outputChannels, groups: groups,
        sums: constants.sums(constants.channelMajor, context)))
  }

  /// Pixels gather different taps, so no bias carries an offset of the input.
  func adding(_ offset: Double) -> Operator? { nil }

  func dividingOutputs(by factors: [Double]) -> Operator? {
    var divided = self
    for index in weights.indices {
      divided.weights[index] = Float(Double(weights[index]) / factors[index / patchCount])
    }
    for o in bias.indices { divided.bias[o] = Float(Double(bias[o]) / factors[o]) }
    return .transposedConv2D(divided)
  }

  var writesChains: Bool { true }
}

extension Operator.FullyConnected: WeightedOperator {
  var taps: [[Float]] { weights.rows(of: inputCount) }
  var inGraph: Operator { .fullyConnected(self) }

  func operation(_ constants: LayerWeights, _ context: LayerContext) -> Operation {
    .fullyConnected(
      FullyConnected(
        inputCount: inputCount, outputCount: outputCount,
        sums: constants.sums(constants.channelMajor, context)))
  }

  /// One window a row: all of it.
  func patches(input: Shape, output: Shape) -> Patches? {
    func pixels(_ channels: Int) -> Shape {
      Shape(height: input.count / inputCount, width: 1, channels: channels)
    }
    return Patches(.unit, pixels(inputCount), pixels(outputCount))
  }

  var tapLayout: TapLayout? { .dense(count: inputCount) }
  var denseWeights: [[Float]]? { taps }
}
