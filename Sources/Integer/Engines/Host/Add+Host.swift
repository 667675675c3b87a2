internal import HostKernels
internal import QuantizedIR

extension Add {
  /// The kernel; `nil` unless both operands have the output's shape.
  func hostKernel(_ memory: PackedMemory) -> HostKernel? {
    guard broadcast.isWhole(broadcast.aStrides), broadcast.isWhole(broadcast.bStrides) else {
      return nil
    }
    var layer = mnqh_add_s8_layer(
      a_zero_point: aZeroPoint, a_factor: aFactor.hostValue, b_zero_point: bZeroPoint,
      b_factor: bFactor.hostValue, output_factor: outputFactor.hostValue,
      codes: mnqh_codes(outputZeroPoint: outputZeroPoint, clamp: clamp, rounding: rounding),
      has_line: false, a_scale: 0, b_scale: 0, offset: 0)
    mnqh_prepare_add_s8(&layer)
    return .add(memory.address(of: [layer]), count: broadcast.count)
  }
}
