internal import NetworkGraph
internal import Tensors

/// `Operator.reshape`: the same values in the same order.
struct ReshapeKernel: PlainKernel {
  func run(_ input: UnsafeBufferPointer<Float>, _ output: UnsafeMutableBufferPointer<Float>) {
    _ = output.update(fromContentsOf: input)
  }
}

extension Operator.Reshape: FloatOperator {
  func makeKernel(_ inputs: [Shape], _ output: Shape) -> any FloatKernel { ReshapeKernel() }

  func gradients(_ node: Adjoint) -> [[Float]] { [node.gradient] }
}
