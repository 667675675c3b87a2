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
    let channels = try Int8Channels(
      node, count: filter[0], axis: 0, hasZeroPoint: node.isUnsigned, factor: node.channelFactor)
    let layer = Conv2D(
      input: input.extent, output: window.output, kernel: window.kernel, stride: window.stride,
      dilation: window.dilation, padding: Extent(window.padding.top, window.padding.left),
      inputChannels: input.channels, outputChannels: filter[0], groups: groups,
      sums: channels.sums(node, clamp: try node.clamp(option: TFLiteWindowFields.conv2D.activation))
    )
    return (layer, channels.scales)
  }
}

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
    let channels = try Int8Channels(
      node, count: filter[3], axis: 3, hasZeroPoint: node.isUnsigned, factor: node.channelFactor)
    let layer = DepthwiseConv2D(
      input: input.extent, output: window.output, kernel: window.kernel, stride: window.stride,
      dilation: window.dilation, padding: Extent(window.padding.top, window.padding.left),
      channels: input.channels, channelMultiplier: filter[3] / input.channels,
      sums: channels.sums(
        node, clamp: try node.clamp(option: TFLiteWindowFields.depthwiseConv2D.activation)))
    return (layer, channels.scales)
  }
}

extension Conv2D {
  /// The same sums where each weight has `parts` added to it, by reading the channels of each group
  /// once more for each.
  func adding(_ parts: [Int8]) -> Conv2D {
    var wider = self
    wider.inputChannels *= 1 + parts.count
    wider.weights = weights.followed(by: parts, inputs: inputChannels / groups)
    return wider
  }
}

extension DepthwiseConv2D {
  /// The same sums as a convolution with a group for each channel.
  var grouped: Conv2D {
    let outputs = channels * channelMultiplier
    var sums = self.sums
    sums.weights = Constants(
      (0..<outputs).flatMap { output in
        (0..<kernel.count).map { self.sums.weights[$0 * outputs + output] }
      })
    return Conv2D(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding, inputChannels: channels, outputChannels: outputs, groups: channels,
      sums: sums)
  }
}

extension FullyConnected {
  /// FULLY_CONNECTED; weights are `[O, I]`.
  static func layer(_ node: Int8Node) throws(NodeProblem) -> (FullyConnected, Constants<Float>) {
    let weights = try node.constant(1)
    guard weights.dimensions.count == 2, weights.dimensions.allSatisfy({ $0 > 0 }) else {
      throw .constantShape(weights.name, found: weights.dimensions, expected: "[O, I]")
    }
    let (outputs, inputs) = (weights.dimensions[0], weights.dimensions[1])
    let input = node.input.shape
    guard input.count % inputs == 0 else {
      throw .inputShape(found: input.dimensions, expected: "rows of \(inputs) values")
    }
    try node.checkOutput(
      try node.operation.flag(TFLiteField.FullyConnectedOptions.keepsAxes)
        ? Shape(input.dimensions.dropLast() + [outputs])
        : Shape([input.count / inputs, outputs]))
    let format = try node.operation.integer(
      TFLiteField.FullyConnectedOptions.weightsFormat, default: Int8(0))
    guard format == 0 else {
      throw .attribute("weights_format", found: "\(format)", expected: "0 (DEFAULT)")
    }
    let isPerTensor = weights.scales.count == 1
    let channels = try Int8Channels(node, count: outputs, axis: 0, hasZeroPoint: isPerTensor) {
      scale in
      // The product of 32-bit scales is a 32-bit float here, and here alone.
      // Source: TensorFlow Lite `kernel_util.cc`, `GetQuantizedConvolutionMultipler`.
      isPerTensor
        ? Double(Float(node.input.scale) * scale) / node.output.scale : node.channelFactor(scale)
    }
    let parts = try node.weightParts()
    var sums = channels.sums(
      node, clamp: try node.clamp(option: TFLiteField.FullyConnectedOptions.activation))
    sums.rounding = node.runtime.fullyConnectedRounding
    sums.weights = channels.weights.followed(by: parts, inputs: inputs)
    let layer = FullyConnected(
      inputCount: inputs * (1 + parts.count), outputCount: outputs, sums: sums)
    return (layer, channels.scales)
  }
}

extension Int8Node {
  /// What is added to each weight of a fully connected layer, as numbers that are weights
  /// themselves, to take its zero point away; none where that is 0. The layer then reads its input
  /// once more for each: `w - z` times `x` is `w` times `x`, and `-z` times `x` again.
  func weightParts() throws(NodeProblem) -> [Int8] {
    let weights = try constant(1)
    guard weights.scales.count == 1, let zeroPoint = weights.zeroPoints.first, zeroPoint != 0 else {
      return []
    }
    guard weights.zeroPoints.count == 1, let code = Int8(exactly: zeroPoint) else {
      throw .tensor(
        weights.name,
        .quantization(scales: weights.scales.count, zeroPoints: weights.zeroPoints.count))
    }
    return code == .min ? [64, 64] : [-code]
  }
}

extension Constants<Int8> {
  /// Each row of `inputs` weights with as many of each of `parts` behind it.
  fileprivate func followed(by parts: [Int8], inputs: Int) -> Constants<Int8> {
    guard !parts.isEmpty else { return self }
    let more = parts.flatMap { [Int8](repeating: $0, count: inputs) }
    return Constants(
      stride(from: 0, to: count, by: inputs).flatMap { values[$0..<$0 + inputs] + more })
  }
}
