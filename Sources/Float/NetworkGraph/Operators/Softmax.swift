package import Tensors

extension Operator {
  /// `exp(x[c]) / sum(exp(x))` over the innermost axis.
  package struct Softmax: GraphOperator {
    package init() {}

    package var name: String { "softmax" }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape { inputs[0] }
    package var givesProbabilities: Bool { true }
  }
}
