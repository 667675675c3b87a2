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
        inputZeroPoint: context.input.zeroPoint, outputZeroPoint: context.output.zeroPoint,
        clamp: context.clamp, rounding: context.rounding, weights: constants.channelMajor,
        bias: constants.bias, multipliers: constants.multipliers, shifts: constants.shifts,
        curve: context.curve))
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
