internal import CRuntime
internal import QuantizedIR

extension AveragePool {
  /// The C twin.
  var runtimeLayer: mnq_average_pool {
    mnq_average_pool(
      input: input.runtimeValue, output: output.runtimeValue, kernel: kernel.runtimeValue,
      stride: stride.runtimeValue, padding: padding.runtimeValue, channels: Int32(channels),
      clamp_min: clamp.lowerBound, clamp_max: clamp.upperBound)
  }
}
