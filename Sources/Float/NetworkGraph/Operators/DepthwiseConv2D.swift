package import Tensors

extension Operator {
  /// A sliding window over each channel alone, with bias. Output channel `c * multiplier + m`
  /// reads input channel `c`.
  package struct DepthwiseConv2D: Hashable, Sendable, Windowed {
    /// `[kernel.height][kernel.width][channels * multiplier]`.
    package var weights: [Float]
    /// One value an output channel.
    package var bias: [Float]
    /// The step of each output channel's weights, which are whole numbers of it, where the file has
    /// codes; empty where quantizing is to choose it.
    package var weightSteps: [Float] = []
    package var window: Window
    /// Of the input.
    package var channels: Int
    /// Output channels per input channel.
    package var multiplier: Int

    package init(
      weights: [Float], bias: [Float], kernel: Extent, stride: Extent = .unit,
      dilation: Extent = .unit, padding: Padding = .none, channels: Int, multiplier: Int = 1
    ) {
      precondition(weights.count == kernel.count * channels * multiplier)
      precondition(bias.count == channels * multiplier)
      self.weights = weights
      self.bias = bias
      window = Window(kernel: kernel, stride: stride, dilation: dilation, padding: padding)
      self.channels = channels
      self.multiplier = multiplier
    }

    package var outputChannels: Int { channels * multiplier }
  }
}

extension Operator.DepthwiseConv2D: GraphOperator {
  package var name: String { "depthwiseConv2D" }

  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
    try window.outputShape(inputs[0], inputChannels: channels, channels: outputChannels)
  }

  package func macs(output: Shape) -> Int { output.count * kernel.count }
  package var constantCount: Int { weights.count + bias.count }
  package var convolutionBias: [Float] { bias }
  package var int8ConstantBytes: Int { weights.count + 9 * outputChannels }

  package func followed(by layer: Operator.BatchNormalization) -> Operator? {
    var folded = self
    folded.weights = weights.indices.map { weights[$0] * layer.scale[$0 % outputChannels] }
    folded.bias = layer.applied(to: bias)
    folded.weightSteps = layer.applied(toSteps: weightSteps)
    return .depthwiseConv2D(folded)
  }

  package func absorbing(_ padding: Padding) -> Operator? {
    var padded = self
    padded.window = window.padded(padding)
    return .depthwiseConv2D(padded)
  }
}
