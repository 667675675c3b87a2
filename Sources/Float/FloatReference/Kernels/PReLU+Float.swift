internal import NetworkGraph
internal import Tensors

/// `PReLU`, value by value.
private struct PReLUKernel: PlainKernel {
  let alpha: [Float]

  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    for first in stride(from: 0, to: input.count, by: alpha.count) {
      for (place, alpha) in alpha.enumerated() {
        let x = input[first + place]
        output[first + place] = x < 0 ? alpha * x : x
      }
    }
  }
}

extension Operator.PReLU: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel {
    PReLUKernel(alpha: alpha)
  }

  func gradients(_ node: Adjoint) -> [[Float]] {
    [
      node.gradient.enumerated().map { index, gradient in
        node.inputs[0][index] < 0 ? alpha[index % alpha.count] * gradient : gradient
      }
    ]
  }
}
