internal import HostKernels
internal import QuantizedIR
internal import Tensors

extension DepthwiseConv2D {
  /// The kernel; `nil` for curves.
  func hostKernel(_ memory: PackedMemory) -> HostKernel? {
    guard curve == nil else { return nil }
    var codes = mnqh_codes(
      inputZeroPoint: inputZeroPoint, outputZeroPoint: outputZeroPoint, clamp: clamp,
      rounding: rounding)
    var window = mnqh_window(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding)
    let packed = memory.bytes(mnqh_depthwise_s8_packed_bytes(&window, outputChannels))
    let layer = withHostConstants(weights) {
      mnqh_pack_depthwise_s8($0, &codes, &window, channels, channelMultiplier, packed)
    }
    return .depthwiseConv2D(memory.address(of: [layer]))
  }
}
