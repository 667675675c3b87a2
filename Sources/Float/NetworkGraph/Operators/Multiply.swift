package import Tensors

extension Operator {
  /// The product of two tensors, where an axis of 1 stretches to the other's.
  package struct Multiply: GraphOperator {
    package init() {}

    package var name: String { "multiply" }
    package var operandCount: Int { 2 }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
      try inputs[0].broadcast(with: inputs[1])
    }

    /// The one that the other scales, as the gate of squeeze-and-excitation does.
    package func elementwiseInput(_ inputs: [Shape], output: Shape) -> Int? {
      inputs.firstIndex(of: output)
    }
  }
}
