internal import CRuntime
internal import QuantizedIR

extension DepthwiseConv2D {
  /// The C twin, with its constants in `tables`.
  func runtimeLayer(_ tables: ConstantTables) -> mnq_depthwise_conv2d {
    mnq_depthwise_conv2d(
      input: input.runtimeValue, output: output.runtimeValue, kernel: kernel.runtimeValue,
      stride: stride.runtimeValue, dilation: dilation.runtimeValue, padding: padding.runtimeValue,
      channels: Int32(channels), channel_multiplier: Int32(channelMultiplier),
      input_zero_point: inputZeroPoint, output_zero_point: outputZeroPoint,
      clamp_min: clamp.lowerBound, clamp_max: clamp.upperBound, rounding: rounding.runtimeValue,
      weights: tables.address(of: weights), bias: tables.address(of: bias),
      multipliers: tables.address(of: multipliers), shifts: tables.address(of: shifts),
      curve: curve.map { tables.address(of: $0.points) })
  }
}
