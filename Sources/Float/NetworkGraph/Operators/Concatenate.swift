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
