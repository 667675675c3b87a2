internal import HostKernels
internal import QuantizedIR

extension Mean {
  /// The kernel.
  func hostKernel(_ memory: PackedMemory) -> HostKernel {
    let layer = mnqh_mean_s8_layer(
      factor: factor.hostValue,
      codes: mnqh_codes(
        inputZeroPoint: inputZeroPoint, outputZeroPoint: outputZeroPoint, clamp: -128...127,
        rounding: rounding))
    return .mean(memory.address(of: [layer]), pixels: pixels, channels: channels)
  }
}
