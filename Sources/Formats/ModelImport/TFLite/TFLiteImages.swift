internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension RuntimeResize {
  /// The formula that RESIZE_BILINEAR or RESIZE_NEAREST_NEIGHBOR asks for.
  init(_ code: BuiltinOperator, _ operation: TFLiteOperator) throws(NodeProblem) {
    let isBilinear = code == .resizeBilinear
    self.init(
      isBilinear: isBilinear,
      alignsCorners: try operation.flag(
        isBilinear
          ? TFLiteField.ResizeBilinearOptions.alignsCorners
          : TFLiteField.ResizeNearestNeighborOptions.alignsCorners),
      hasHalfPixels: try operation.flag(
        isBilinear
          ? TFLiteField.ResizeBilinearOptions.hasHalfPixels
          : TFLiteField.ResizeNearestNeighborOptions.hasHalfPixels))
    guard !isBilinear || !alignsCorners || !hasHalfPixels else {
      throw .attribute("half_pixel_centers", found: "true beside align_corners", expected: "one")
    }
  }

  /// The most rows or columns of either image.
  private static let mostRows = 1 << 16

  /// Checks that an image of `input` becomes one of the height and width `sizes`, and returns these.
  static func output(_ input: Shape, _ sizes: [Int]) throws(NodeProblem) -> Extent {
    guard input.rank == 4, sizes.count == 2,
      (sizes + [input.height, input.width]).allSatisfy({ (1...mostRows).contains($0) })
    else {
      throw .inputShape(
        found: input.dimensions,
        expected:
          "[N, H, W, C] and a new height and width in 1...\(mostRows), not \(sizes.prefix(8))")
    }
    return Extent(sizes[0], sizes[1])
  }
}

/// TILE as an image whose columns are repeated: Keras makes an image larger so, each row of it and then
/// each column along an axis of 1 behind them.
struct TFLiteTile {
  /// The input as an image: the axis in front of the repeated one has the columns, the axes before
  /// that the rows, all behind the channels.
  let image: Shape
  /// The column of `image` that each column of the output is.
  let columns: [Int]
  /// Of the operator.
  let output: Shape

  private static let mostColumns = 1 << 16

  /// - Parameter multiples: How often each axis of `input` is repeated: one of them more than once.
  init(_ input: Shape, multiples: [Int]) throws(NodeProblem) {
    let sizes = input.dimensions
    let repeated = multiples.indices.filter { multiples[$0] != 1 }
    guard multiples.count == sizes.count, repeated.count <= 1,
      let axis = repeated.first ?? sizes.indices.last,
      (1...Self.mostColumns).contains(multiples[axis])
    else {
      throw .inputShape(
        found: sizes, expected: "one axis to repeat, not the multiples \(multiples.prefix(8))")
    }
    let width = axis > 0 ? sizes[axis - 1] : 1
    guard width * multiples[axis] <= Self.mostColumns else {
      throw .tooLarge([width, multiples[axis]], limit: Self.mostColumns)
    }
    image = Shape(
      height: sizes.prefix(max(axis - 1, 0)).reduce(1, *), width: width,
      channels: sizes[axis...].reduce(1, *))
    columns = (0..<width * multiples[axis]).map { $0 / multiples[axis] }
    var output = sizes
    output[axis] *= multiples[axis]
    self.output = Shape(output)
  }
}

/// How TRANSPOSE_CONV lies on its output.
///
/// Source: TensorFlow Lite `kernels/transpose_conv.cc`: padding is that of the convolution from the
/// output to the input.
struct TFLiteTransposedWindow {
  private static let largestSide = 1 << 16

  let kernel: Extent
  let stride: Extent
  let output: Extent
  /// Rows above and columns to the left.
  let padding: Extent

  /// - Parameters:
  ///   - filter: The sizes of the weights, `[O, KH, KW, I]`.
  ///   - sizes: What the operator is told of its output, `[N, H, W, O]`.
  init(
    _ node: TFLiteOperator, input: Shape, filter: [Int], sizes: [Int]
  ) throws(NodeProblem) {
    guard input.rank == 4, filter.count == 4, filter[3] == input.channels else {
      throw .inputShape(
        found: input.dimensions, expected: "[N, H, W, C], C as the weights \(filter)")
    }
    kernel = Extent(filter[1], filter[2])
    stride = Extent(
      try node.integer(TFLiteWindowFields.strideHeight, default: Int32(0)),
      try node.integer(TFLiteWindowFields.strideWidth, default: Int32(0)))
    let sides = [stride.height, stride.width, kernel.height, kernel.width]
    guard sides.allSatisfy({ (1...Self.largestSide).contains($0) }) else {
      throw .attribute("stride", found: "\(stride)", expected: "1...\(Self.largestSide)")
    }
    guard sizes.count == 4, sizes[0] == input.dimensions[0], sizes[3] == filter[0],
      sizes[1...2].allSatisfy({ (1...Self.largestSide).contains($0) })
    else {
      throw .outputShape(
        found: Array(sizes.prefix(8)), expected: [input.dimensions[0], 0, 0, filter[0]])
    }
    output = Extent(sizes[1], sizes[2])
    switch try node.integer(TFLiteWindowFields.padding, default: Int8(0)) {
    case 0:
      let same = Padding.same(input: output, kernel: kernel, stride: stride)
      padding = Extent(same.top, same.left)
    case 1: padding = Extent(0, 0)
    case let code:
      throw .attribute("padding", found: "\(code)", expected: "0 (SAME) and 1 (VALID)")
    }
  }
}
