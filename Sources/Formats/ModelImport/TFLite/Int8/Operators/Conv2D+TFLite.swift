internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension Conv2D {
  /// CONV_2D; weights are `[O, KH, KW, I / groups]`.
  static func layer(_ node: Int8Node) throws(NodeProblem) -> (Conv2D, Constants<Float>) {
    let filter = try node.filter()
    let input = node.input.shape
    let window = try TFLiteWindow(
      node.operation, input: input, kernel: Extent(filter[1], filter[2]),
      fields: .conv2D)
    let groups = input.channels / filter[3]
    guard input.channels % filter[3] == 0, filter[0] % groups == 0 else {
      throw .constantShape(
        try node.constant(1).name, found: filter,
        expected: "channels that divide the input's \(input.channels)")
    }
    try node.checkOutput(
      Shape(
        batch: input.dimensions[0], height: window.output.height, width: window.output.width,
        channels: filter[0]))
    let channels = try Int8Channels(node, count: filter[0], axis: 0, factor: node.channelFactor)
    let layer = Conv2D(
      input: input.extent, output: window.output, kernel: window.kernel, stride: window.stride,
      dilation: window.dilation, padding: Extent(window.padding.top, window.padding.left),
      inputChannels: input.channels, outputChannels: filter[0], groups: groups,
      inputZeroPoint: node.input.zeroPoint, outputZeroPoint: node.output.zeroPoint,
      clamp: try node.clamp(option: TFLiteWindowFields.conv2D.activation),
      weights: channels.weights, bias: channels.bias,
      multipliers: channels.multipliers, shifts: channels.shifts)
    return (layer, channels.scales)
  }
}
