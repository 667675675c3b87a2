internal import FixedPoint
internal import HostKernels
internal import QuantizedIR
internal import Tensors

extension Curve {
  /// The kernel of `layer`, which ends in this curve, over `window`.
  func hostKernel(
    _ layer: some ChannelRequantized, _ weights: Constants<Int8>, _ window: mnqh_window,
    inputChannels: Int, inputZeroPoint: Int32, isDepthwise: Bool, _ memory: PackedMemory
  ) -> HostKernel {
    let layer = mnqh_curve_s8_layer(
      window: window, input_channels: inputChannels, output_channels: layer.bias.count,
      is_depthwise: isDepthwise, input_zero_point: inputZeroPoint,
      rounding: layer.rounding.rawValue,
      constants: mnqh_channel_constants(
        weights: memory.address(of: weights.values), bias: memory.address(of: layer.bias.values),
        multipliers: memory.address(of: layer.multipliers.values),
        shifts: memory.address(of: layer.shifts.values)),
      points: memory.address(of: points.values))
    return .curve(memory.address(of: [layer]))
  }
}
