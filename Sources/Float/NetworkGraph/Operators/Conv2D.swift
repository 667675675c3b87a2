package import Tensors

extension Operator {
  /// A sliding window over all channels of a group, with bias.
  package struct Conv2D: Hashable, Sendable {
    /// `[outputChannels][kernel.height][kernel.width][inputChannels / groups]`.
    package var weights: [Float]
    /// One value an output channel.
    package var bias: [Float]
    package var kernel: Extent
    package var stride: Extent
    package var dilation: Extent
    package var padding: Padding
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
      self.kernel = kernel
      self.stride = stride
      self.dilation = dilation
      self.padding = padding
      self.inputChannels = inputChannels
      self.outputChannels = outputChannels
      self.groups = groups
    }

    /// The number of weights that make one output value.
    package var patchCount: Int { kernel.count * inputChannels / groups }

    func outputShape(_ input: Shape) throws(ShapeMismatch) -> Shape {
      guard input.rank == 4 else { throw .rank(expected: 4, found: input) }
      guard input.channels == inputChannels else {
        throw .channels(expected: inputChannels, found: input)
      }
      guard
        let extent = padding.output(
          input: input.extent, kernel: kernel, stride: stride, dilation: dilation)
      else { throw .windowTooLarge(kernel: kernel, input: input) }
      return Shape(
        batch: input.dimensions[0], height: extent.height, width: extent.width,
        channels: outputChannels)
    }
  }
}
