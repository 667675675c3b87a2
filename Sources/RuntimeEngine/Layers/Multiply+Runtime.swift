internal import CRuntime
internal import QuantizedIR

extension Multiply {
  /// The C twin.
  var runtimeLayer: mnq_multiply {
    mnq_multiply(
      broadcast: broadcast.runtimeValue, a_zero_point: aZeroPoint, b_zero_point: bZeroPoint,
      output_zero_point: outputZeroPoint, factor: factor.runtimeValue,
      clamp_min: clamp.lowerBound, clamp_max: clamp.upperBound, rounding: rounding.runtimeValue)
  }
}
