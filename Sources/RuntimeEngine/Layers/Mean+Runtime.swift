internal import CRuntime
internal import QuantizedIR

extension Mean {
  /// The C twin.
  var runtimeLayer: mnq_mean {
    mnq_mean(
      pixels: Int32(pixels), channels: Int32(channels), input_zero_point: inputZeroPoint,
      output_zero_point: outputZeroPoint, factor: factor.runtimeValue,
      rounding: rounding.runtimeValue)
  }
}
