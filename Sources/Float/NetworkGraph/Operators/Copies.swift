package import Tensors

extension Operator {
  /// Tensors one behind the other along an axis, in which alone their shapes may differ.
  package struct Concatenate: GraphOperator, Hashable {
    /// The axis along which they are joined, counted from the outermost.
    package let axis: Int
    /// How many there are, at least 1; one tensor may be read several times.
    package let operandCount: Int

    package init(axis: Int, operandCount: Int) {
      self.axis = axis
      self.operandCount = operandCount
    }

    package var name: String { "concatenate" }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
      var sizes = inputs[0].dimensions
      guard sizes.indices.contains(axis) else { throw .rank(expected: axis + 1, found: inputs[0]) }
      for input in inputs.dropFirst() {
        var expected = sizes
        guard input.rank == sizes.count else { throw .unequal(inputs[0], input) }
        expected[axis] = input.dimensions[axis]
        guard input.dimensions == expected else { throw .unequal(inputs[0], input) }
        sizes[axis] += input.dimensions[axis]
      }
      return Shape(sizes)
    }

    package func isIdentity(on input: Shape, after source: Operator?) -> Bool { operandCount == 1 }

    /// Where each operand's values go: runs of neighbors, one behind the other in an output's run.
    ///
    /// - Returns: For each operand the length of a run and where in the output's it begins, and how
    ///   long the output's are.
    package func runs(_ inputs: [Shape]) -> (parts: [(length: Int, start: Int)], length: Int) {
      var start = 0
      let parts = inputs.map { input in
        let length = input.dimensions[axis...].reduce(1, *)
        defer { start += length }
        return (length: length, start: start)
      }
      return (parts, start)
    }
  }
}

extension Operator {
  /// Zeros around an image.
  package struct Pad: GraphOperator {
    package let padding: Padding

    package init(padding: Padding) { self.padding = padding }

    package var name: String { "pad" }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
      let input = inputs[0]
      try input.requireImage()
      return Shape(
        batch: input.dimensions[0], height: input.height + padding.top + padding.bottom,
        width: input.width + padding.left + padding.right, channels: input.channels)
    }

    package func isIdentity(on input: Shape, after source: Operator?) -> Bool { padding == .none }
    package func absorbing(_ padding: Padding) -> Operator? { .pad(self.padding + padding) }
  }
}

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
