internal import NetworkGraph
internal import TFLiteSchema
internal import Tensors

extension FloatNode {
  /// CONV_2D; weights are `[O, KH, KW, I / groups]`.
  func convolution() throws(NodeProblem) -> Operator.Conv2D {
    let filter = try filter(rank: 4)
    let channels = try image().channels
    guard channels % filter[3] == 0, filter[0] % (channels / filter[3]) == 0 else {
      throw .constantShape(
        try constant(1).name, found: filter,
        expected: "channels that divide the input's \(channels)")
    }
    let window = try TFLiteWindow(
      operation, input: try image(), kernel: Extent(filter[1], filter[2]),
      fields: .conv2D)
    return Operator.Conv2D(
      weights: try floats(1), bias: try bias(filter[0]), kernel: window.kernel,
      stride: window.stride, dilation: window.dilation, padding: window.padding,
      inputChannels: channels, outputChannels: filter[0], groups: channels / filter[3])
  }

  /// DEPTHWISE_CONV_2D; weights are `[1, KH, KW, C * multiplier]`.
  func depthwiseConvolution() throws(NodeProblem) -> Operator.DepthwiseConv2D {
    let filter = try filter(rank: 4)
    let channels = try image().channels
    guard filter[0] == 1, filter[3] % channels == 0 else {
      throw .constantShape(
        try constant(1).name, found: filter, expected: "[1, KH, KW, a multiple of \(channels)]")
    }
    try operation.checkMultiplier(filter[3] / channels)
    let window = try TFLiteWindow(
      operation, input: try image(), kernel: Extent(filter[1], filter[2]),
      fields: .depthwiseConv2D)
    return Operator.DepthwiseConv2D(
      weights: try floats(1), bias: try bias(filter[3]), kernel: window.kernel,
      stride: window.stride, dilation: window.dilation, padding: window.padding,
      channels: channels, multiplier: filter[3] / channels)
  }

  /// FULLY_CONNECTED; weights are `[O, I]`.
  func matrix() throws(NodeProblem) -> Operator.FullyConnected {
    let filter = try filter(rank: 2)
    let format = try operation.integer(
      TFLiteField.FullyConnectedOptions.weightsFormat, default: Int8(0))
    guard format == 0 else {
      throw .attribute("weights_format", found: "\(format)", expected: "0 (DEFAULT)")
    }
    return Operator.FullyConnected(
      weights: try floats(1), bias: try bias(filter[0]), inputCount: filter[1],
      outputCount: filter[0])
  }

  /// AVERAGE_POOL_2D and MAX_POOL_2D.
  func pool() throws(NodeProblem) -> Operator.Pool {
    let window = try TFLiteWindow(
      operation, input: try image(), fields: .pool2D)
    return Operator.Pool(kernel: window.kernel, stride: window.stride, padding: window.padding)
  }
}
