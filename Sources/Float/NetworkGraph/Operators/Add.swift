package import Tensors

extension Operator {
  /// The sum of two tensors, where an axis of 1 stretches to the other's.
  package struct Add: GraphOperator {
    package init() {}

    package var name: String { "add" }
    package var operandCount: Int { 2 }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
      try inputs[0].broadcast(with: inputs[1])
    }
  }
}
