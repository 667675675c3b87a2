package import Tensors

extension Operator {
  /// How a kernel slides over an image.
  package struct Window: Hashable, Sendable {
    package var kernel: Extent
    package var stride: Extent
    /// How far apart neighboring taps of the kernel lie.
    package var dilation: Extent
    package var padding: Padding

    package init(
      kernel: Extent, stride: Extent = .unit, dilation: Extent = .unit, padding: Padding = .none
    ) {
      self.kernel = kernel
      self.stride = stride
      self.dilation = dilation
      self.padding = padding
    }

    /// One pixel at a time.
    package static let unit = Window(kernel: .unit)

    /// What sliding over an image of the shape `input` gives, with `channels`.
    ///
    /// - Parameter inputChannels: What the image must have.
    func outputShape(
      _ input: Shape, inputChannels: Int, channels: Int
    ) throws(ShapeMismatch) -> Shape {
      try input.requireImage()
      guard input.channels == inputChannels else {
        throw .channels(expected: inputChannels, found: input)
      }
      guard
        let output = padding.output(
          input: input.extent, kernel: kernel, stride: stride, dilation: dilation)
      else { throw .windowTooLarge(kernel: kernel, input: input) }
      return Shape(
        batch: input.dimensions[0], height: output.height, width: output.width, channels: channels)
    }

    /// The same with `zeros` around the image besides its own.
    func padded(_ zeros: Padding) -> Window {
      var window = self
      window.padding = padding + zeros
      return window
    }
  }
}

/// An operator that slides a window.
package protocol Windowed {
  var window: Operator.Window { get }
}

extension Windowed {
  package var kernel: Extent { window.kernel }
  package var stride: Extent { window.stride }
  package var dilation: Extent { window.dilation }
  package var padding: Padding { window.padding }
}

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
