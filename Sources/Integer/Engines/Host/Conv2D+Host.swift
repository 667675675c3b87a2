internal import HostKernels
internal import QuantizedIR
internal import Tensors

extension Conv2D {
  /// The kernel; `nil` for groups.
  func hostKernel(_ memory: PackedMemory) -> HostKernel? {
    guard groups == 1 else { return nil }
    let window = mnqh_window(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding)
    if let curve {
      return curve.hostKernel(
        self, weights, window, inputChannels: inputChannels, inputZeroPoint: inputZeroPoint,
        isDepthwise: false, memory)
    }
    var codes = mnqh_codes(
      inputZeroPoint: inputZeroPoint, outputZeroPoint: outputZeroPoint, clamp: clamp,
      rounding: rounding)
    let depth = kernel.count * inputChannels
    let packed = memory.bytes(mnqh_gemm_s8_packed_bytes(depth, outputChannels, output.count))
    let gemm = withHostConstants(weights) {
      mnqh_pack_gemm_s8($0, &codes, depth, outputChannels, output.count, packed)
    }
    let layer = mnqh_conv2d_s8_layer(window: window, input_channels: inputChannels, gemm: gemm)
    return .conv2D(memory.address(of: [layer]))
  }
}
