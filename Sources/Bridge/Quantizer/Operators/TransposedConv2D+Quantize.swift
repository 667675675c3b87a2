internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// Weights go to the nearest codes: which inputs meet in a sum differs from pixel to pixel, so there
/// is no one window to learn from.
extension Operator.TransposedConv2D: WeightedOperator {
  var taps: [[Float]] { weights.rows(of: patchCount) }
  var inGraph: Operator { .transposedConv2D(self) }
  var hasWideForm: Bool { false }

  func operation(_ constants: LayerWeights, _ context: LayerContext) -> Operation {
    .transposedConv2D(
      TransposedConv2D(
        input: context.input.shape.extent, output: context.output.shape.extent, kernel: kernel,
        stride: stride, padding: Extent(cropping.top, cropping.left),
        inputChannels: inputChannels, outputChannels: outputChannels, groups: groups,
        inputZeroPoint: context.input.zeroPoint, outputZeroPoint: context.output.zeroPoint,
        clamp: context.clamp, rounding: context.rounding, weights: constants.channelMajor,
        bias: constants.bias, multipliers: constants.multipliers, shifts: constants.shifts,
        curve: context.curve))
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
