internal import FixedPoint
internal import HostKernels
internal import QuantizedIR

extension Lookup {
  /// The kernel.
  func hostKernel(_ memory: PackedMemory) -> HostKernel {
    .lookup(memory.address(of: table.values), count: count)
  }

  /// The kernel that computes h-swish rather than look it up; `nil` where the table holds anything
  /// else than TensorFlow Lite's h-swish from `input` to `output`, or this machine is not faster so.
  func hardSwishKernel(
    _ memory: PackedMemory, input: QuantizedTensor, output: QuantizedTensor
  ) -> HostKernel? {
    guard let function = HardSwishFunction(input: input, output: output),
      table.values == (Int8.min...Int8.max).map({ function($0) })
    else { return nil }
    let layer = memory.address(of: [
      mnqh_hard_swish_s8_layer(
        input_zero_point: function.inputZeroPoint, output_zero_point: function.outputZeroPoint,
        output_factor: function.outputFactor.hostValue,
        reluish_factor: function.reluishFactor.hostValue)
    ])
    return mnqh_hard_swish_s8_is_fast(layer) ? .hardSwish(layer, count: count) : nil
  }
}
