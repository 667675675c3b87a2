internal import HostKernels
internal import QuantizedIR
internal import Tensors

extension DepthwiseConv2D {
  /// The kernel; `nil` for a curve behind several outputs a channel.
  func hostKernel(_ memory: PackedMemory) -> HostKernel? {
    var codes = mnqh_codes(
      inputZeroPoint: inputZeroPoint, outputZeroPoint: outputZeroPoint, clamp: clamp,
      rounding: rounding)
    var window = mnqh_window(
      input: input, output: output, kernel: kernel, stride: stride, dilation: dilation,
      padding: padding)
    if let curve {
      guard channelMultiplier == 1 else { return nil }
      return curve.hostKernel(
        self, weights, window, inputChannels: channels, inputZeroPoint: inputZeroPoint,
        isDepthwise: true, memory)
    }
    let packed = memory.bytes(mnqh_depthwise_s8_packed_bytes(&window, outputChannels))
    let layer = withHostConstants(weights) {
      mnqh_pack_depthwise_s8($0, &codes, &window, channels, channelMultiplier, packed)
    }
    return .depthwiseConv2D(memory.address(of: [layer]))
  }
}
