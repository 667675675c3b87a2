internal import HostKernels
internal import QuantizedIR

extension FullyConnected {
  /// The kernel, for one row; `nil` for curves.
  func hostKernel(_ memory: PackedMemory) -> HostKernel? {
    guard curve == nil else { return nil }
    var codes = mnqh_codes(
      inputZeroPoint: inputZeroPoint, outputZeroPoint: outputZeroPoint, clamp: clamp,
      rounding: rounding)
    let packed = memory.bytes(mnqh_gemm_s8_packed_bytes(inputCount, outputCount, 1))
    let layer = withHostConstants(weights) {
      mnqh_pack_gemm_s8($0, &codes, inputCount, outputCount, 1, packed)
    }
    return .fullyConnected(memory.address(of: [layer]))
  }
}
