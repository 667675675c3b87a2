package import Tensors

extension Operator {
  /// The values of a tensor in another order, all or some: transposition, slices with steps,
  /// depth-to-space, space-to-depth and shuffled channels.
  package struct Rearrange: GraphOperator, Hashable {
    /// Which value of the input stands at each place of the output.
    package let order: StridedOrder
    /// The output's, of as many values as `order` has.
    package let shape: Shape

    package init(_ order: StridedOrder, shape: Shape) {
      self.order = order
      self.shape = shape
    }

    package var name: String { "rearrange" }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
      guard shape.count == order.count, order.reach.lowerBound >= 0,
        order.reach.upperBound < inputs[0].count
      else { throw .size(expected: shape, found: inputs[0]) }
      return shape
    }

    package func isIdentity(on input: Shape, after source: Operator?) -> Bool {
      shape == input && order.isWhole(of: input.count)
    }
  }
}
