internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// `Operator.FullyConnected` over one row after another.
struct FullyConnectedKernel: FloatKernel {
  private let inputCount: Int
  private let outputCount: Int
  private let packed: PackedWeights

  init(_ layer: Operator.FullyConnected) {
    inputCount = layer.inputCount
    outputCount = layer.outputCount
    packed = PackedWeights(weights: layer.weights, bias: layer.bias, depth: layer.inputCount)
  }

  func run(
    _ input: UnsafeBufferPointer<Float>, _: UnsafeBufferPointer<Float>,
    _ output: UnsafeMutableBufferPointer<Float>, _ ending: Ending,
    _ scratch: UnsafeMutableBufferPointer<Float>
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

extension Operator.FullyConnected: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    FullyConnectedKernel(self)
  }

  func ending(_ activation: Activation) -> Ending? { Ending(activation) }

  func gradients(_ node: Adjoint) -> [[Float]] {
    let found = node.filled { result in
      for (position, scale) in node.gradient.enumerated() {
        let (image, output) = position.quotientAndRemainder(dividingBy: outputCount)
        let (place, row) = (image * inputCount, output * inputCount)
        for index in 0..<inputCount { result[place + index] += scale * weights[row + index] }
      }
    }
    return [found]
  }
}
