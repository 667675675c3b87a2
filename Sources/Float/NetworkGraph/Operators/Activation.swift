package import Tensors

extension Activation: GraphOperator {
  package var name: String { description }
  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape { inputs[0] }

  /// A table, where the function is no clamp of the layer before it.
  package var int8ConstantBytes: Int { clamp == nil ? 256 : 0 }
  package var isElementwise: Bool { true }
  package var givesProbabilities: Bool { self == .logistic }

  /// A clamp of values that all lie within it, or the same rectifier again.
  package func isIdentity(on input: Shape, after source: Operator?) -> Bool {
    guard let clamp else { return false }
    guard case .activation(let first)? = source else { return self == .identity }
    return first.values.isWithin(clamp)
  }

  /// A clamp within that of `first`.
  package func overrides(_ first: Operator) -> Bool {
    guard let clamp, case .activation(let first) = first, let other = first.clamp else {
      return false
    }
    return clamp != other && clamp.isWithin(other)
  }
}

extension ClosedRange {
  fileprivate func isWithin(_ other: Self) -> Bool {
    lowerBound >= other.lowerBound && upperBound <= other.upperBound
  }
}
