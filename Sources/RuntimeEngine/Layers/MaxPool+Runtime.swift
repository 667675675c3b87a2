internal import CRuntime
internal import QuantizedIR

extension MaxPool {
  /// The C twin.
  var runtimeLayer: mnq_max_pool {
    mnq_max_pool(
      input: input.runtimeValue, output: output.runtimeValue, kernel: kernel.runtimeValue,
      stride: stride.runtimeValue, padding: padding.runtimeValue, channels: Int32(channels),
      clamp_min: clamp.lowerBound, clamp_max: clamp.upperBound)
  }
}
