package import Tensors

extension Operator {
  /// `x` from 0 on, `alpha * x` below, with an alpha a channel or one for every value.
  package struct PReLU: Hashable, Sendable {
    /// One a channel, or one a value in NHWC order.
    package var alpha: [Float]

    package init(alpha: [Float]) { self.alpha = alpha }
  }
}

extension Operator.PReLU: GraphOperator {
  package var name: String { "prelu" }

  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
    guard alpha.count == inputs[0].channels || alpha.count == inputs[0].count else {
      throw .channels(expected: alpha.count, found: inputs[0])
    }
    return inputs[0]
  }

  package var constantCount: Int { alpha.count }
  package var int8ConstantBytes: Int { 2 * alpha.count }
  package var isElementwise: Bool { true }
}
