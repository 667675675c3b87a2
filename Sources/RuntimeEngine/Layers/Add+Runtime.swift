internal import CRuntime
internal import QuantizedIR

extension Add {
  /// The C twin.
  var runtimeLayer: mnq_add {
    mnq_add(
      broadcast: broadcast.runtimeValue, a_zero_point: aZeroPoint, a_factor: aFactor.runtimeValue,
      b_zero_point: bZeroPoint, b_factor: bFactor.runtimeValue,
      output_zero_point: outputZeroPoint, output_factor: outputFactor.runtimeValue,
      clamp_min: clamp.lowerBound, clamp_max: clamp.upperBound, rounding: rounding.runtimeValue)
  }
}
