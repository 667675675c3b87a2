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
