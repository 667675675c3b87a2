internal import CRuntime
internal import QuantizedIR

extension Wide {
  /// The C twin's kernel, with its struct and constants in `tables`.
  func kernel(_ tables: ConstantTables) -> Kernel {
    let bits = inputs.map { Int32($0.rawValue) }
    let (a, b, output) = (bits[0], bits[bits.count - 1], Int32(self.output.rawValue))
    return switch operation {
    case .conv2D(let layer):
      .wideConv2D(
        tables.address(
          of: mnq_conv2d_wide(
            layer: layer.runtimeLayer(tables), input_bits: a, output_bits: output)))
    case .depthwiseConv2D(let layer):
      .wideDepthwiseConv2D(
        tables.address(
          of: mnq_depthwise_conv2d_wide(
            layer: layer.runtimeLayer(tables), input_bits: a, output_bits: output)))
    case .fullyConnected(let layer):
      .wideFullyConnected(
        tables.address(
          of: mnq_fully_connected_wide(
            layer: layer.runtimeLayer(tables), input_bits: a, output_bits: output)))
    case .add(let layer):
      .wideAdd(
        tables.address(
          of: mnq_add_wide(
            layer: layer.runtimeLayer, a_bits: a, b_bits: b, output_bits: output)))
    case .multiply(let layer):
      .wideMultiply(
        tables.address(
          of: mnq_multiply_wide(
            layer: layer.runtimeLayer, a_bits: a, b_bits: b, output_bits: output)))
    case .mean(let layer):
      .wideMean(
        tables.address(
          of: mnq_mean_wide(layer: layer.runtimeLayer, input_bits: a, output_bits: output)))
    case .averagePool, .maxPool, .lookup, .softmax, .extremum, .copy, .wide:
      preconditionFailure("\(operation.name) has no 16-bit form")
    }
  }
}
