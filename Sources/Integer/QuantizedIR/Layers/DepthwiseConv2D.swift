package import Tensors

/// An int8 convolution of each channel alone. Output channel `c * channelMultiplier + m` reads
/// input channel `c`; arithmetic as in `Conv2D`.
///
/// Twin: `mnq_depthwise_conv2d` in `CRuntime`.
package struct DepthwiseConv2D: Windowed, ChannelRequantized {
  package var window: Window
  /// Of the input.
  package var channels: Int
  package var channelMultiplier: Int
  /// Weights are `[kernel.height][kernel.width][channels * channelMultiplier]`.
  package var sums: ChannelSums

  package init(
    input: Extent, output: Extent, kernel: Extent, stride: Extent, dilation: Extent = .unit,
    padding: Extent, channels: Int, channelMultiplier: Int = 1, sums: ChannelSums
  ) {
    let outputChannels = channels * channelMultiplier
    precondition(sums.weights.count == kernel.count * outputChannels)
    precondition(sums.bias.count == outputChannels)
    window = Window(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding)
    self.channels = channels
    self.channelMultiplier = channelMultiplier
    self.sums = sums
  }

  /// Channels of the output.
  package var outputChannels: Int { channels * channelMultiplier }
}

extension DepthwiseConv2D {
  /// The fields beside those of the window and of the sums, which stand among them in files.
  private enum CodingKeys: CodingKey {
    case channels, channelMultiplier
  }

  package init(from decoder: any Decoder) throws {
    window = try Window(from: decoder)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    channels = try values.decode(Int.self, forKey: .channels)
    channelMultiplier = try values.decode(Int.self, forKey: .channelMultiplier)
    sums = try ChannelSums(from: decoder)
  }

  package func encode(to encoder: any Encoder) throws {
    try window.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(channels, forKey: .channels)
    try values.encode(channelMultiplier, forKey: .channelMultiplier)
    try sums.encode(to: encoder)
  }
}

extension DepthwiseConv2D {
  package static var fileKinds: [String] { ["depthwiseConv2D"] }
  package var asOperation: Operation { .depthwiseConv2D(self) }
  package var inputChannels: Int { channels }
  package func channel(ofWeight index: Int) -> Int { index % outputChannels }

  /// The output channels whose weights are not all 0 and would have codes twice as large, or more,
  /// on a scale of their own.
  package var poorChannels: Int {
    (0..<outputChannels).count { channel in
      let largest =
        Swift.stride(from: channel, to: weights.count, by: outputChannels)
        .map { abs(Int(weights[$0])) }.max() ?? 0
      return (1...63).contains(largest)
    }
  }

  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    try window.check()
    try FieldProblem.require(channels, "channels", in: FieldLimit.size)
    try FieldProblem.require(channelMultiplier, "channelMultiplier", in: FieldLimit.size)
    let outputs = try FieldProblem.product([channels, channelMultiplier], "channels")
    _ = try FieldProblem.product([input.height, input.width, channels], "input")
    _ = try FieldProblem.product([output.height, output.width, outputs], "output")
    let expected = try FieldProblem.product([kernel.height, kernel.width, outputs], "weights")
    try checkChannels(outputs, weights: expected, width: width)
  }
}
