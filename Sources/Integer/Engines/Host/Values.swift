internal import FixedPoint
internal import HostKernels
internal import QuantizedIR
internal import Tensors

extension Requantization {
  /// The C twin.
  var hostValue: mnqh_factor { mnqh_factor(multiplier: multiplier, shift: shift) }
}

extension mnqh_codes {
  /// The codes at both ends of a layer.
  init(
    inputZeroPoint: Int32 = 0, outputZeroPoint: Int32, clamp: ClosedRange<Int32>,
    rounding: Rounding
  ) {
    self.init(
      input_zero_point: inputZeroPoint, output_zero_point: outputZeroPoint,
      minimum: clamp.lowerBound, maximum: clamp.upperBound, rounding: rounding.rawValue)
  }
}

extension mnqh_window {
  /// How a kernel slides.
  init(
    input: Extent, output: Extent, kernel: Extent, stride: Extent, dilation: Extent,
    padding: Extent
  ) {
    self.init(
      input_height: Int32(input.height), input_width: Int32(input.width),
      output_height: Int32(output.height), output_width: Int32(output.width),
      kernel_height: Int32(kernel.height), kernel_width: Int32(kernel.width),
      stride_height: Int32(stride.height), stride_width: Int32(stride.width),
      dilation_height: Int32(dilation.height), dilation_width: Int32(dilation.width),
      padding_top: Int32(padding.height), padding_left: Int32(padding.width))
  }
}

extension ChannelRequantized {
  /// Calls `body` with the constants of all channels as C reads them.
  func withHostConstants<Result>(
    _ weights: Constants<Int8>, _ body: (UnsafePointer<mnqh_channel_constants>) -> Result
  ) -> Result {
    weights.values.withUnsafeBufferPointer { weights in
      bias.values.withUnsafeBufferPointer { bias in
        multipliers.values.withUnsafeBufferPointer { multipliers in
          shifts.values.withUnsafeBufferPointer { shifts in
            withUnsafePointer(
              to: mnqh_channel_constants(
                weights: weights.baseAddress, bias: bias.baseAddress,
                multipliers: multipliers.baseAddress, shifts: shifts.baseAddress), body)
          }
        }
      }
    }
  }
}
