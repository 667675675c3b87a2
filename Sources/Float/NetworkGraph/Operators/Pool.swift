package import Tensors

extension Operator {
  /// The window of an average or maximum pooling. Padding counts neither as a value nor in the
  /// divisor of an average.
  package struct Pool: Hashable, Sendable, Windowed {
    package var window: Window

    package init(kernel: Extent, stride: Extent, padding: Padding = .none) {
      window = Window(kernel: kernel, stride: stride, padding: padding)
    }

    fileprivate func outputShape(_ input: Shape) throws(ShapeMismatch) -> Shape {
      try window.outputShape(input, inputChannels: input.channels, channels: input.channels)
    }

    fileprivate var isIdentity: Bool { window == .unit }
  }

  /// The mean of each window. Zeros around the image would count in its divisor, so it absorbs none.
  package struct AveragePool: GraphOperator {
    package let pool: Pool

    package init(pool: Pool) { self.pool = pool }

    package var name: String { "averagePool" }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
      try pool.outputShape(inputs[0])
    }
    package func isIdentity(on input: Shape, after source: Operator?) -> Bool { pool.isIdentity }
  }

  /// The largest value of each window. Zeros around the image could be it, so it absorbs none.
  package struct MaxPool: GraphOperator {
    package let pool: Pool

    package init(pool: Pool) { self.pool = pool }

    package var name: String { "maxPool" }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
      try pool.outputShape(inputs[0])
    }
    package func isIdentity(on input: Shape, after source: Operator?) -> Bool { pool.isIdentity }
  }

  /// The mean over height and width.
  package struct GlobalAveragePool: GraphOperator {
    package init() {}

    package var name: String { "globalAveragePool" }
    package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
      try inputs[0].requireImage()
      return Shape(
        batch: inputs[0].dimensions[0], height: 1, width: 1, channels: inputs[0].channels)
    }
    package func isIdentity(on input: Shape, after source: Operator?) -> Bool {
      input.extent == .unit
    }
  }
}
