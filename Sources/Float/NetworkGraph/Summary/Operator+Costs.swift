extension Operator {
  /// Bytes of constants in int8: one a weight, nine a channel (bias, multiplier, shift), 256 a
  /// table. A batch normalization costs nothing: it is folded into the layer before it.
  var int8ConstantBytes: Int {
    switch self {
    case .conv2D(let conv): conv.weights.count + 9 * conv.outputChannels
    case .depthwiseConv2D(let conv): conv.weights.count + 9 * conv.outputChannels
    case .fullyConnected(let layer): layer.weights.count + 9 * layer.outputCount
    case .activation(let activation): activation.clamp == nil ? 256 : 0
    case .batchNormalization, .add, .multiply, .averagePool, .maxPool, .globalAveragePool, .pad,
      .reshape, .softmax:
      0
    }
  }

  /// Whether int8 code can write the output over the input: each value depends on one.
  var worksInPlace: Bool {
    switch self {
    case .batchNormalization, .activation, .reshape: true
    case .conv2D, .depthwiseConv2D, .fullyConnected, .add, .multiply, .averagePool, .maxPool,
      .globalAveragePool, .pad, .softmax:
      false
    }
  }
}
