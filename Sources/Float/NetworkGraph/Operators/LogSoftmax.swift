package import Tensors

extension Operator {
  /// `x[c] - log(sum(exp(x)))` over the innermost axis.
  package struct LogSoftmax: GraphOperator {
    package init() {}

    package var name: String { "logSoftmax" }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape { inputs[0] }
  }
}
