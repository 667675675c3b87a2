internal import FloatReference
internal import NetworkGraph
internal import Tensors

/// The windows that a convolution lays over images of one shape. A fully connected layer has one
/// window a row: all of it.
struct Patches {
  let input: Shape
  private let window: SlidingWindow

  /// The windows of a layer with weights; `nil` for any other operator.
  init?(_ operation: Operator, input: Shape, output: Shape) {
    switch operation {
    case .conv2D(let conv):
      self.input = input
      window = SlidingWindow(
        input: input.extent, output: output.extent, kernel: conv.kernel, stride: conv.stride,
        dilation: conv.dilation, padding: conv.padding)
    case .depthwiseConv2D(let conv):
      self.input = input
      window = SlidingWindow(
        input: input.extent, output: output.extent, kernel: conv.kernel, stride: conv.stride,
        dilation: conv.dilation, padding: conv.padding)
    case .fullyConnected(let layer):
      let rows = Extent(input.count / layer.inputCount, 1)
      self.input = Shape(height: rows.height, width: 1, channels: layer.inputCount)
      window = SlidingWindow(
        input: rows, output: rows, kernel: .unit, stride: .unit, dilation: .unit, padding: .none)
    case .batchNormalization, .activation, .add, .multiply, .averagePool, .maxPool,
      .globalAveragePool, .pad, .reshape, .softmax:
      return nil
    }
  }

  var kernel: Extent { window.kernel }
  var output: Extent { window.output }

  /// Values in one window.
  var count: Int { kernel.count * input.channels }

  /// The pixel under each tap of the window at `position`; `nil` where it lies outside the image.
  func pixels(at position: Int) -> [Int?] { window.pixels(at: position) }
}
