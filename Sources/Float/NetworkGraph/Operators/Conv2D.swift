package import Tensors

extension Operator {
  /// A sliding window over all channels of a group, with bias.
  package struct Conv2D: Hashable, Sendable, Windowed {
    /// `[outputChannels][kernel.height][kernel.width][inputChannels / groups]`.
    package var weights: [Float]
    /// One value an output channel.
    package var bias: [Float]
    /// The step of each output channel's weights, which are whole numbers of it, where the file has
    /// codes; empty where quantizing is to choose it.
    package var weightSteps: [Float] = []
    package var window: Window
    package var inputChannels: Int
    package var outputChannels: Int
    package var groups: Int

    package init(
      weights: [Float], bias: [Float], kernel: Extent, stride: Extent = .unit,
      dilation: Extent = .unit, padding: Padding = .none, inputChannels: Int, outputChannels: Int,
      groups: Int = 1
    ) {
      precondition(inputChannels % groups == 0 && outputChannels % groups == 0)
      precondition(weights.count == outputChannels * kernel.count * inputChannels / groups)
      precondition(bias.count == outputChannels)
      self.weights = weights
      self.bias = bias
      window = Window(kernel: kernel, stride: stride, dilation: dilation, padding: padding)
      self.inputChannels = inputChannels
      self.outputChannels = outputChannels
      self.groups = groups
    }

    /// The number of weights that make one output value.
    package var patchCount: Int { kernel.count * inputChannels / groups }
  }
}

extension Operator.Conv2D: GraphOperator {
  package var name: String { "conv2D" }

  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
    try window.outputShape(inputs[0], inputChannels: inputChannels, channels: outputChannels)
  }

  package func macs(output: Shape) -> Int { output.count * patchCount }
  package var constantCount: Int { weights.count + bias.count }
  package var convolutionBias: [Float] { bias }
  package var int8ConstantBytes: Int { weights.count + 9 * outputChannels }

  package func followed(by layer: Operator.BatchNormalization) -> Operator? {
    var folded = self
    folded.weights = weights.indices.map { weights[$0] * layer.scale[$0 / patchCount] }
    folded.bias = layer.applied(to: bias)
    folded.weightSteps = layer.applied(toSteps: weightSteps)
    return .conv2D(folded)
  }

  package func absorbing(_ padding: Padding) -> Operator? {
    var padded = self
    padded.window = window.padded(padding)
    return .conv2D(padded)
  }
}
