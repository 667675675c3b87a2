internal import HostKernels
internal import NetworkGraph

/// `Operator.FullyConnected` over all values of one image.
struct FullyConnectedKernel: Sendable {
  private let inputCount: Int
  private let outputCount: Int
  private let packed: [Float]

  init(_ layer: Operator.FullyConnected) {
    inputCount = layer.inputCount
    outputCount = layer.outputCount
    packed = .packed(weights: layer.weights, bias: layer.bias, depth: layer.inputCount)
  }

  func run(
    _ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>, _ clamp: Clamp
  ) {
    packed.withUnsafeBufferPointer { packed in
      var layer = mnqh_gemm_f32_layer(
        packed: packed.baseAddress, depth: inputCount, columns: outputCount,
        minimum: clamp.minimum, maximum: clamp.maximum)
      mnqh_gemm_f32(&layer, 1, input.baseAddress, inputCount, output.baseAddress, outputCount)
    }
  }
}

extension [Float] {
  /// `weights` `[bias.count][depth]` and `bias` as `mnqh_gemm_f32` reads them.
  static func packed(weights: [Float], bias: [Float], depth: Int) -> [Float] {
    let count = mnqh_gemm_f32_packed_count(depth, bias.count)
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      mnqh_pack_gemm_f32(weights, bias, depth, bias.count, buffer.baseAddress)
      initialized = count
    }
  }
}
