package import Tensors

extension Operator {
  /// The same values in the same order under another shape.
  package struct Reshape: GraphOperator {
    package let shape: Shape

    package init(shape: Shape) { self.shape = shape }

    package var name: String { "reshape" }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
      guard shape.count == inputs[0].count else { throw .size(expected: shape, found: inputs[0]) }
      return shape
    }

    package var keepsValues: Bool { true }
    package func isIdentity(on input: Shape, after source: Operator?) -> Bool { shape == input }
    package func overrides(_ first: Operator) -> Bool { first.traits.keepsValues }
  }
}
