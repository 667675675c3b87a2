internal import NetworkGraph
internal import Tensors

/// The windows that a convolution lays over images of one shape. A fully connected layer has one
/// window: everything.
struct Patches {
  let input: Shape
  let kernel: Extent
  let stride: Extent
  let dilation: Extent
  let padding: Padding
  let output: Extent

  /// The windows of a layer with weights; `nil` for any other operator.
  init?(_ operation: Operator, input: Shape, output: Shape) {
    switch operation {
    case .conv2D(let conv):
      (kernel, stride, dilation, padding) = (conv.kernel, conv.stride, conv.dilation, conv.padding)
      (self.input, self.output) = (input, output.extent)
    case .depthwiseConv2D(let conv):
      (kernel, stride, dilation, padding) = (conv.kernel, conv.stride, conv.dilation, conv.padding)
      (self.input, self.output) = (input, output.extent)
    case .fullyConnected(let layer):
      (kernel, stride, dilation, padding) = (.unit, .unit, .unit, .none)
      self.input = Shape(height: 1, width: 1, channels: layer.inputCount)
      self.output = .unit
    case .batchNormalization, .activation, .add, .multiply, .averagePool, .maxPool,
      .globalAveragePool, .pad, .reshape, .softmax:
      return nil
    }
  }

  /// Values in one window.
  var count: Int { kernel.count * input.channels }

  /// The pixel under each tap of the window at `position`; `nil` where it lies outside the image.
  func pixels(at position: Int) -> [Int?] {
    let originY = position / output.width * stride.height - padding.top
    let originX = position % output.width * stride.width - padding.left
    return (0..<kernel.count).map { tap in
      let y = originY + tap / kernel.width * dilation.height
      let x = originX + tap % kernel.width * dilation.width
      guard (0..<input.height).contains(y), (0..<input.width).contains(x) else { return nil }
      return y * input.width + x
    }
  }
}
