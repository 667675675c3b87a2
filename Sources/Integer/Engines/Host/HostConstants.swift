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

extension Curve {
  /// The kernel of `layer`, which ends in this curve, over `window`.
  func hostKernel(
    _ layer: some ChannelRequantized, _ weights: Constants<Int8>, _ window: mnqh_window,
    inputChannels: Int, inputZeroPoint: Int32, isDepthwise: Bool, _ memory: PackedMemory
  ) -> BoundKernel {
    let layer = memory.address(of: [
      mnqh_curve_s8_layer(
        window: window, input_channels: inputChannels, output_channels: layer.bias.count,
        is_depthwise: isDepthwise, input_zero_point: inputZeroPoint,
        rounding: layer.rounding.rawValue,
        constants: mnqh_channel_constants(
          weights: memory.address(of: weights.values), bias: memory.address(of: layer.bias.values),
          multipliers: memory.address(of: layer.multipliers.values),
          shifts: memory.address(of: layer.shifts.values)),
        points: memory.address(of: points.values))
    ])
    return BoundKernel(layer, scratchBytes: mnqh_curve_s8_scratch_bytes(layer)) {
      mnqh_curve_s8($0.bound(), $1, $3, $4)
    }
  }
}
