private import Foundation
internal import NetworkGraph
internal import Tensors

/// `Operator.logSoftmax` over the innermost axis, in `Double`.
struct LogSoftmaxKernel: PlainKernel {
  let channels: Int

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    for start in stride(from: 0, to: input.count, by: channels) {
      let row = input[start..<start + channels]
      // The largest becomes exp(0), so that nothing overflows.
      let largest = Double(row.max() ?? 0)
      let sum = log(row.reduce(0) { $0 + exp(Double($1) - largest) })
      for c in 0..<channels { output[start + c] = Float(Double(input[start + c]) - largest - sum) }
    }
  }
}

extension Operator.LogSoftmax: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    LogSoftmaxKernel(channels: output.channels)
  }

  /// Of each input its own gradient, less its probability's part of the row's.
  func gradients(_ node: Adjoint) -> [[Float]] {
    let channels = node.outputShape.channels
    let found = node.output.indices.map { index in
      let row = index / channels * channels
      let total = node.gradient[row..<row + channels].reduce(0, +)
      return node.gradient[index] - exp(node.output[index]) * total
    }
    return [found]
  }
}
