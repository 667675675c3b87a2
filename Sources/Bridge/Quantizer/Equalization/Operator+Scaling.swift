internal import NetworkGraph

extension Operator {
  /// The same operator with output channel `c` divided by `factors[c]`; `nil` where weights cannot
  /// carry that.
  func dividingOutputs(by factors: [Double]) -> Operator? {
    switch self {
    case .conv2D(var conv):
      for o in 0..<conv.outputChannels {
        for tap in o * conv.patchCount..<(o + 1) * conv.patchCount {
          conv.weights[tap] = Float(Double(conv.weights[tap]) / factors[o])
        }
        conv.bias[o] = Float(Double(conv.bias[o]) / factors[o])
      }
      return .conv2D(conv)
    case .depthwiseConv2D(var conv):
      for index in conv.weights.indices {
        conv.weights[index] = Float(
          Double(conv.weights[index]) / factors[index % conv.outputChannels])
      }
      for o in conv.bias.indices { conv.bias[o] = Float(Double(conv.bias[o]) / factors[o]) }
      return .depthwiseConv2D(conv)
    case .fullyConnected, .batchNormalization, .activation, .add, .multiply, .averagePool, .maxPool,
      .globalAveragePool, .pad, .reshape, .softmax:
      return nil
    }
  }

  /// The same operator for an input whose channel `c` was divided by `factors[c]`; `nil` where
  /// weights cannot carry that.
  func multiplyingInputs(by factors: [Double]) -> Operator? {
    switch self {
    case .conv2D(var conv) where conv.groups == 1:
      for index in conv.weights.indices {
        conv.weights[index] = Float(
          Double(conv.weights[index]) * factors[index % conv.inputChannels])
      }
      return .conv2D(conv)
    case .depthwiseConv2D(var conv):
      for index in conv.weights.indices {
        let channel = index % conv.outputChannels / conv.multiplier
        conv.weights[index] = Float(Double(conv.weights[index]) * factors[channel])
      }
      return .depthwiseConv2D(conv)
    case .conv2D, .fullyConnected, .batchNormalization, .activation, .add, .multiply, .averagePool,
      .maxPool, .globalAveragePool, .pad, .reshape, .softmax:
      return nil
    }
  }
}
