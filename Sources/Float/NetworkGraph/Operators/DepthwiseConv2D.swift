package import Tensors

extension Operator {
  /// A sliding window over each channel alone, with bias. Output channel `c * multiplier + m`
  /// reads input channel `c`.
  package struct DepthwiseConv2D: Hashable, Sendable {
    /// `[kernel.height][kernel.width][channels * multiplier]`.
    package var weights: [Float]
    /// One value an output channel.
    package var bias: [Float]
    package var kernel: Extent
    package var stride: Extent
    package var dilation: Extent
    package var padding: Padding
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
      self.kernel = kernel
      self.stride = stride
      self.dilation = dilation
      self.padding = padding
      self.channels = channels
      self.multiplier = multiplier
    }

    package var outputChannels: Int { channels * multiplier }

    func outputShape(_ input: Shape) throws(ShapeMismatch) -> Shape {
      guard input.rank == 4 else { throw .rank(expected: 4, found: input) }
      guard input.channels == channels else { throw .channels(expected: channels, found: input) }
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
