internal import HostKernels
internal import NetworkGraph

/// `Operator.FullyConnected` over one row after another.
struct FullyConnectedKernel: Sendable {
  private let inputCount: Int
  private let outputCount: Int
  private let packed: PackedWeights

  init(_ layer: Operator.FullyConnected) {
    inputCount = layer.inputCount
    outputCount = layer.outputCount
    packed = PackedWeights(weights: layer.weights, bias: layer.bias, depth: layer.inputCount)
  }

  func run(
    _ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>,
    _ ending: Ending
  ) {
    var layer = mnqh_gemm_f32_layer(
      packed: packed.values, depth: inputCount, columns: outputCount, ending: ending.native)
    mnqh_gemm_f32(
      &layer, input.count / inputCount, input.baseAddress, inputCount, output.baseAddress,
      outputCount)
  }
}

extension PackedWeights {
  /// `weights` `[bias.count][depth]` and `bias` as `mnqh_gemm_f32` reads them.
  convenience init(weights: [Float], bias: [Float], depth: Int) {
    self.init(count: mnqh_gemm_f32_packed_count(depth, bias.count)) {
      mnqh_pack_gemm_f32(weights, bias, depth, bias.count, $0)
    }
  }
}
