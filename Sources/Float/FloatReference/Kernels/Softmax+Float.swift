private import Foundation
internal import NetworkGraph
internal import Tensors

/// `Operator.softmax` over the innermost axis, in `Double`.
struct SoftmaxKernel: PlainKernel {
  let channels: Int

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    for start in stride(from: 0, to: input.count, by: channels) {
      let row = input[start..<start + channels]
      // The largest becomes exp(0), so that nothing overflows.
      let largest = Double(row.max() ?? 0)
      let powers = row.map { exp(Double($0) - largest) }
      let sum = powers.reduce(0, +)
      for c in 0..<channels { output[start + c] = Float(powers[c] / sum) }
    }
  }
}

extension Operator.Softmax: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    SoftmaxKernel(channels: output.channels)
  }

  func gradients(_ node: Adjoint) -> [[Float]] {
    let channels = node.outputShape.channels
    let found = node.output.indices.map { index in
      let row = index / channels * channels
      let mean = (row..<row + channels).reduce(0) { $0 + node.output[$1] * node.gradient[$1] }
      return node.output[index] * (node.gradient[index] - mean)
    }
    return [found]
  }
}
