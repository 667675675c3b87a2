package import FixedPoint
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
  /// `-128 ... 127`.
  package var inputZeroPoint: Int32
  /// `-128 ... 127`; 0 in front of a curve.
  package var outputZeroPoint: Int32
  /// The codes that a requantized sum may take: the activation.
  package var clamp: ClosedRange<Int32>
  package var rounding: Rounding
  /// `[outputChannels][kernel.height][kernel.width][inputChannels / groups]`, in `-127 ... 127`.
  package var weights: Constants<Int8>
  package var bias: Constants<Int32>
  package var multipliers: Constants<Int32>
  package var shifts: Constants<Int8>
  /// What follows on the codes, which are then 16 bits wide with zero point 0; `nil` for int8.
  package var curve: Curve?

  package init(
    input: Extent, output: Extent, kernel: Extent, stride: Extent, dilation: Extent = .unit,
    padding: Extent, inputChannels: Int, outputChannels: Int, groups: Int = 1,
    inputZeroPoint: Int32, outputZeroPoint: Int32, clamp: ClosedRange<Int32> = -128...127,
    rounding: Rounding = .double, weights: Constants<Int8>, bias: Constants<Int32>,
    multipliers: Constants<Int32>, shifts: Constants<Int8>, curve: Curve? = nil
  ) {
    precondition(weights.count == outputChannels * kernel.count * (inputChannels / groups))
    precondition(bias.count == outputChannels && multipliers.count == outputChannels)
    precondition(shifts.count == outputChannels)
    window = Window(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding)
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.groups = groups
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
}

extension Conv2D {
  /// The fields beside those of the window, which stand among them in files.
  private enum CodingKeys: CodingKey {
    case inputChannels, outputChannels, groups
    case inputZeroPoint, outputZeroPoint, clamp, rounding
    case weights, bias, multipliers, shifts, curve
  }

  package init(from decoder: any Decoder) throws {
    window = try Window(from: decoder)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    inputChannels = try values.decode(Int.self, forKey: .inputChannels)
    outputChannels = try values.decode(Int.self, forKey: .outputChannels)
    groups = try values.decode(Int.self, forKey: .groups)
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
    try values.encode(inputChannels, forKey: .inputChannels)
    try values.encode(outputChannels, forKey: .outputChannels)
    try values.encode(groups, forKey: .groups)
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
