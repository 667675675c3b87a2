package import Tensors

/// An int8 convolution with symmetric weights and one requantization factor an output channel.
///
/// `output = clamp(requantize(bias[o] + Σ weights * (input - inputZeroPoint)) + outputZeroPoint)`;
/// a tap outside the image is the zero point, so it adds nothing.
///
/// Twin: `mnq_conv2d` in `CRuntime`.
package struct Conv2D: Windowed, ChannelRequantized {
  package var window: Window
  package var inputChannels: Int
  package var outputChannels: Int
  /// Input channels are cut into this many groups, each read by its share of output channels.
  package var groups: Int
  /// Weights are `[outputChannels][kernel.height][kernel.width][inputChannels / groups]`.
  package var sums: ChannelSums

  package init(
    input: Extent, output: Extent, kernel: Extent, stride: Extent, dilation: Extent = .unit,
    padding: Extent, inputChannels: Int, outputChannels: Int, groups: Int = 1, sums: ChannelSums
  ) {
    precondition(sums.weights.count == outputChannels * kernel.count * (inputChannels / groups))
    precondition(sums.bias.count == outputChannels)
    window = Window(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding)
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.groups = groups
    self.sums = sums
  }
}

extension Conv2D {
  /// The fields beside those of the window and of the sums, which stand among them in files.
  private enum CodingKeys: CodingKey {
    case inputChannels, outputChannels, groups
  }

  package init(from decoder: any Decoder) throws {
    window = try Window(from: decoder)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    inputChannels = try values.decode(Int.self, forKey: .inputChannels)
    outputChannels = try values.decode(Int.self, forKey: .outputChannels)
    groups = try values.decode(Int.self, forKey: .groups)
    sums = try ChannelSums(from: decoder)
  }

  package func encode(to encoder: any Encoder) throws {
    try window.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(inputChannels, forKey: .inputChannels)
    try values.encode(outputChannels, forKey: .outputChannels)
    try values.encode(groups, forKey: .groups)
    try sums.encode(to: encoder)
  }
}

extension Conv2D {
  package static var fileKinds: [String] { ["conv2D"] }
  package var asOperation: Operation { .conv2D(self) }

  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    try window.check()
    try FieldProblem.require(inputChannels, "inputChannels", in: FieldLimit.size)
    try FieldProblem.require(outputChannels, "outputChannels", in: FieldLimit.size)
    try FieldProblem.require(groups, "groups", in: 1...inputChannels)
    guard inputChannels % groups == 0, outputChannels % groups == 0 else {
      throw FieldProblem(
        field: "groups", expected: "a divisor of \(inputChannels) and \(outputChannels)",
        found: "\(groups)")
    }
    _ = try FieldProblem.product([input.height, input.width, inputChannels], "input")
    _ = try FieldProblem.product([output.height, output.width, outputChannels], "output")
    let expected = try FieldProblem.product(
      [outputChannels, kernel.height, kernel.width, inputChannels / groups], "weights")
    try checkChannels(outputChannels, weights: expected, width: width)
  }
}
