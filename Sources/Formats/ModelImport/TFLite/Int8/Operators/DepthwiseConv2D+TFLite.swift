internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension DepthwiseConv2D {
  /// DEPTHWISE_CONV_2D; weights are `[1, KH, KW, C * multiplier]`.
  static func layer(_ node: Int8Node) throws(NodeProblem) -> (DepthwiseConv2D, Constants<Float>) {
    let filter = try node.filter()
    let input = node.input.shape
    let window = try TFLiteWindow(
      node.operation, input: input, kernel: Extent(filter[1], filter[2]),
      fields: .depthwiseConv2D)
    guard filter[0] == 1, filter[3] % input.channels == 0 else {
      throw .constantShape(
        try node.constant(1).name, found: filter,
        expected: "[1, KH, KW, a multiple of \(input.channels)]")
    }
    try node.operation.checkMultiplier(filter[3] / input.channels)
    try node.checkOutput(
      Shape(
        batch: input.dimensions[0], height: window.output.height, width: window.output.width,
        channels: filter[3]))
    let channels = try Int8Channels(node, count: filter[3], axis: 3, factor: node.channelFactor)
    let layer = DepthwiseConv2D(
      input: input.extent, output: window.output, kernel: window.kernel, stride: window.stride,
      dilation: window.dilation, padding: Extent(window.padding.top, window.padding.left),
      channels: input.channels, channelMultiplier: filter[3] / input.channels,
      inputZeroPoint: node.input.zeroPoint, outputZeroPoint: node.output.zeroPoint,
      clamp: try node.clamp(option: TFLiteWindowFields.depthwiseConv2D.activation),
      weights: channels.weights, bias: channels.bias,
      multipliers: channels.multipliers, shifts: channels.shifts)
    return (layer, channels.scales)
  }
}
