package import FixedPoint
package import Tensors

/// An int8 convolution of each channel alone. Output channel `c * channelMultiplier + m` reads
/// input channel `c`; arithmetic as in `Conv2D`.
///
/// Twin: `mnq_depthwise_conv2d` in `CRuntime`.
package struct DepthwiseConv2D: ChannelRequantized, Hashable, Codable, Sendable {
  package var input: Extent
  package var output: Extent
  package var kernel: Extent
  package var stride: Extent
  package var dilation: Extent
  /// Rows above and columns to the left; what lies below and to the right follows from `output`.
  package var padding: Extent
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
    self.input = input
    self.output = output
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
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
