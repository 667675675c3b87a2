package import Tensors

extension Operator {
  /// The window of an average or maximum pooling. Padding counts neither as a value nor in the
  /// divisor of an average.
  package struct Pool: Hashable, Sendable {
    package var kernel: Extent
    package var stride: Extent
    package var padding: Padding

    package init(kernel: Extent, stride: Extent, padding: Padding = .none) {
      self.kernel = kernel
      self.stride = stride
      self.padding = padding
    }

    func outputShape(_ input: Shape) throws(ShapeMismatch) -> Shape {
      guard input.rank == 4 else { throw .rank(expected: 4, found: input) }
      guard let extent = padding.output(input: input.extent, kernel: kernel, stride: stride)
      else { throw .windowTooLarge(kernel: kernel, input: input) }
      return Shape(
        batch: input.dimensions[0], height: extent.height, width: extent.width,
        channels: input.channels)
    }
  }
}
