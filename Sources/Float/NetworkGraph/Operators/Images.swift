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

extension Operator {
  /// An image in another size: each pixel is mixed of the four that its place in the input lies
  /// between, by nearness along either axis. Places are numbers here, whatever formula and rounding
  /// led to them; whole ones throughout make it a choice of nearest pixels.
  package struct Resize: Hashable, Sendable {
    /// Of the input.
    package var input: Extent
    /// The place of each row of the output among the input's: `0 ... input.height - 1`.
    package var rows: [Double]
    /// The place of each column of the output: `0 ... input.width - 1`.
    package var columns: [Double]

    /// Places outside the image are moved to its edge.
    package init(input: Extent, rows: [Double], columns: [Double]) {
      func inside(_ places: [Double], _ size: Int) -> [Double] {
        places.map { min(max($0, 0), Double(size - 1)) }
      }
      self.input = input
      self.rows = inside(rows, input.height)
      self.columns = inside(columns, input.width)
    }

    package var output: Extent { Extent(rows.count, columns.count) }

    /// The two rows or columns that a place lies between, and how near to the second it is.
    package struct Tap: Hashable, Sendable {
      package let first: Int
      package let second: Int
      /// In `0 ..< 1`.
      package let share: Float
    }

    package static func taps(_ places: [Double]) -> [Tap] {
      places.map { place in
        let first = place.rounded(.down)
        let share = Float(place - first)
        return Tap(first: Int(first), second: Int(first) + (share > 0 ? 1 : 0), share: share)
      }
    }
  }
}

extension Operator.Resize: GraphOperator {
  package var name: String { "resize" }

  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape {
    try inputs[0].requireImage()
    guard inputs[0].extent == input else { throw .extent(expected: input, found: inputs[0]) }
    return Shape(
      batch: inputs[0].dimensions[0], height: output.height, width: output.width,
      channels: inputs[0].channels)
  }

  /// A place a row and a column.
  package var int8ConstantBytes: Int { 4 * (rows.count + columns.count) }

  package func isIdentity(on input: Shape, after source: Operator?) -> Bool {
    rows == (0..<input.height).map(Double.init) && columns == (0..<input.width).map(Double.init)
  }
}
