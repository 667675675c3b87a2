package import FixedPoint
package import Tensors

/// An int8 convolution with symmetric weights and one requantization factor an output channel.
///
/// `output = clamp(requantize(bias[o] + Σ weights * (input - inputZeroPoint)) + outputZeroPoint)`;
/// a tap outside the image is the zero point, so it adds nothing.
///
/// Twin: `mnq_conv2d` in `CRuntime`.
package struct Conv2D: ChannelRequantized, Hashable, Codable, Sendable {
  package var input: Extent
  package var output: Extent
  package var kernel: Extent
  package var stride: Extent
  package var dilation: Extent
  /// Rows above and columns to the left; what lies below and to the right follows from `output`.
  package var padding: Extent
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
    self.input = input
    self.output = output
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
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
