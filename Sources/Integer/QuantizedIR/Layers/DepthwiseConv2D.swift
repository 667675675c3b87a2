package import FixedPoint
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
  /// `-128 ... 127`.
  package var inputZeroPoint: Int32
  /// `-128 ... 127`; 0 in front of a curve.
  package var outputZeroPoint: Int32
  /// The codes that a requantized sum may take: the activation.
  package var clamp: ClosedRange<Int32>
  package var rounding: Rounding
  /// `[kernel.height][kernel.width][channels * channelMultiplier]`, in `-127 ... 127`.
  package var weights: Constants<Int8>
  package var bias: Constants<Int32>
  package var multipliers: Constants<Int32>
  package var shifts: Constants<Int8>
  /// What follows on the codes, which are then 16 bits wide with zero point 0; `nil` for int8.
  package var curve: Curve?

  package init(
    input: Extent, output: Extent, kernel: Extent, stride: Extent, dilation: Extent = .unit,
    padding: Extent, channels: Int, channelMultiplier: Int = 1, inputZeroPoint: Int32,
    outputZeroPoint: Int32, clamp: ClosedRange<Int32> = -128...127, rounding: Rounding = .double,
    weights: Constants<Int8>, bias: Constants<Int32>, multipliers: Constants<Int32>,
    shifts: Constants<Int8>, curve: Curve? = nil
  ) {
    let outputChannels = channels * channelMultiplier
    precondition(weights.count == kernel.count * outputChannels)
    precondition(bias.count == outputChannels && multipliers.count == outputChannels)
    precondition(shifts.count == outputChannels)
    window = Window(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding)
    self.channels = channels
    self.channelMultiplier = channelMultiplier
    self.inputZeroPoint = inputZeroPoint
    self.outputZeroPoint = outputZeroPoint
    self.clamp = clamp
    self.rounding = rounding
    self.weights = weights
    self.bias = bias
    self.multipliers = multipliers
    self.shifts = shifts
    self.curve = curve
  }

  /// Channels of the output.
  package var outputChannels: Int { channels * channelMultiplier }
}

extension DepthwiseConv2D {
  /// The fields beside those of the window, which stand among them in files.
  private enum CodingKeys: CodingKey {
    case channels, channelMultiplier
    case inputZeroPoint, outputZeroPoint, clamp, rounding
    case weights, bias, multipliers, shifts, curve
  }

  package init(from decoder: any Decoder) throws {
    window = try Window(from: decoder)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    channels = try values.decode(Int.self, forKey: .channels)
    channelMultiplier = try values.decode(Int.self, forKey: .channelMultiplier)
    inputZeroPoint = try values.decode(Int32.self, forKey: .inputZeroPoint)
    outputZeroPoint = try values.decode(Int32.self, forKey: .outputZeroPoint)
    clamp = try values.decode(ClosedRange<Int32>.self, forKey: .clamp)
    rounding = try values.decode(Rounding.self, forKey: .rounding)
    weights = try values.decode(Constants<Int8>.self, forKey: .weights)
    bias = try values.decode(Constants<Int32>.self, forKey: .bias)
    multipliers = try values.decode(Constants<Int32>.self, forKey: .multipliers)
    shifts = try values.decode(Constants<Int8>.self, forKey: .shifts)
    curve = try values.decodeIfPresent(Curve.self, forKey: .curve)
  }

  package func encode(to encoder: any Encoder) throws {
    try window.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(channels, forKey: .channels)
    try values.encode(channelMultiplier, forKey: .channelMultiplier)
    try values.encode(inputZeroPoint, forKey: .inputZeroPoint)
    try values.encode(outputZeroPoint, forKey: .outputZeroPoint)
    try values.encode(clamp, forKey: .clamp)
    try values.encode(rounding, forKey: .rounding)
    try values.encode(weights, forKey: .weights)
    try values.encode(bias, forKey: .bias)
    try values.encode(multipliers, forKey: .multipliers)
    try values.encode(shifts, forKey: .shifts)
    try values.encodeIfPresent(curve, forKey: .curve)
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
