internal import HostKernels
internal import QuantizedIR

extension Multiply {
  /// The kernel; `nil` unless one operand has the output's shape and the other one too, or one
  /// value a channel.
  func hostKernel(_ memory: PackedMemory) -> HostKernel? {
    let (a, b) = (broadcast.aStrides, broadcast.bStrides)
    if broadcast.isWhole(a), broadcast.isWhole(b) {
      return hostKernel(memory, pixels: 1, swapsOperands: false)
    }
    let pixels = broadcast.shape[..<3].reduce(1, *)
    if broadcast.isWhole(a), broadcast.isOfChannels(b) {
      return hostKernel(memory, pixels: pixels, swapsOperands: false)
    }
    if broadcast.isWhole(b), broadcast.isOfChannels(a) {
      return hostKernel(memory, pixels: pixels, swapsOperands: true)
    }
    return nil
  }

  private func hostKernel(
    _ memory: PackedMemory, pixels: Int, swapsOperands: Bool
  ) -> HostKernel {
    var layer = mnqh_scale_channels_s8_layer(
      factors_zero_point: swapsOperands ? aZeroPoint : bZeroPoint, factor: factor.hostValue,
      codes: mnqh_codes(
        inputZeroPoint: swapsOperands ? bZeroPoint : aZeroPoint, outputZeroPoint: outputZeroPoint,
        clamp: clamp, rounding: rounding),
      has_line: false, bent: false, scale: 0, offset: 0, negative_offset: 0)
    mnqh_prepare_scale_channels_s8(&layer)
    return .scaleChannels(
      memory.address(of: [layer]), pixels: pixels, channels: broadcast.count / pixels,
      swapsOperands: swapsOperands)
  }
}
