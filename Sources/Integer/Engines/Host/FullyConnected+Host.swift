internal import HostKernels
internal import QuantizedIR
internal import Tensors

extension FullyConnected {
  /// The kernel, for one row.
  func hostKernel(_ memory: PackedMemory) -> HostKernel {
    if let curve {
      let window = mnqh_window(
        input: .unit, output: .unit, kernel: .unit, stride: .unit, dilation: .unit,
        padding: Extent(0, 0))
      return curve.hostKernel(
        self, weights, window, inputChannels: inputCount, inputZeroPoint: inputZeroPoint,
        isDepthwise: false, memory)
    }
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
