package import Tensors

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
