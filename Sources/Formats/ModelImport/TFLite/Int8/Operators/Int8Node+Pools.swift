internal import FixedPoint
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension TFLiteWindow {
  /// The window of AVERAGE_POOL_2D or MAX_POOL_2D.
  fileprivate init(pool node: Int8Node) throws(NodeProblem) {
    let input = node.input.shape
    try self.init(
      node.operation, input: input, fields: .pool2D)
    try node.checkOneScale(node.input)
    try node.checkOutput(
      Shape(
        batch: input.dimensions[0], height: output.height, width: output.width,
        channels: input.channels))
  }
}

extension Pool {
  /// AVERAGE_POOL_2D or MAX_POOL_2D.
  init(_ choice: Choice, _ node: Int8Node) throws(NodeProblem) {
    let window = try TFLiteWindow(pool: node)
    self.init(
      choice,
      Window(
        input: node.input.shape.extent, output: window.output, kernel: window.kernel,
        stride: window.stride, padding: Extent(window.padding.top, window.padding.left)),
      channels: node.input.shape.channels,
      clamp: try node.clamp(option: TFLiteWindowFields.pool2D.activation))
  }
}

extension Pool {
  /// REDUCE_MAX over height, width or both: the codes go through, and the greatest stays.
  init(reduceMaximum node: Int8Node) throws(NodeProblem) {
    let shape = node.input.shape
    let axes = Set(try node.integers(1).map { $0 < 0 ? $0 + shape.rank : $0 })
    guard shape.rank == 4, !axes.isEmpty, axes.isSubset(of: [1, 2]) else {
      throw .constantValue(
        try node.constant(1).name, found: "axes \(axes.sorted()) of \(shape.rank)",
        expected: "axes 1, 2 or both of 4")
    }
    try node.checkOneScale(node.input)
    let isKept = try node.operation.flag(TFLiteField.ReducerOptions.keepsAxes)
    let sizes = shape.dimensions
    try node.checkOutput(
      Shape(
        sizes.indices.filter { isKept || !axes.contains($0) }.map {
          axes.contains($0) ? 1 : sizes[$0]
        }))
    let window = Extent(
      axes.contains(1) ? shape.height : 1, axes.contains(2) ? shape.width : 1)
    self.init(
      .maximum,
      Window(
        input: shape.extent,
        output: Extent(shape.height / window.height, shape.width / window.width), kernel: window,
        stride: window, padding: Extent(0, 0)),
      channels: shape.channels, clamp: CodeWidth.int8.codes)
  }
}

extension Mean {
  /// MEAN over neighboring axes; what lies outside them counts as images, what lies inside as
  /// channels.
  init(_ node: Int8Node) throws(NodeProblem) {
    let shape = node.input.shape.dimensions
    let axes = Set(try node.integers(1).map { $0 < 0 ? $0 + shape.count : $0 }).sorted()
    guard let first = axes.first, let last = axes.last, first >= 0, last < shape.count,
      axes == Array(first...last)
    else {
      throw .constantValue(
        try node.constant(1).name, found: "axes \(axes)",
        expected: "neighboring axes of \(shape.count)")
    }
    let reduced = shape.enumerated().map { axes.contains($0) ? 1 : $1 }
    let isKept = try node.operation.flag(TFLiteField.ReducerOptions.keepsAxes)
    try node.checkOutput(
      Shape(isKept ? reduced : shape.indices.filter { !axes.contains($0) }.map { shape[$0] }))
    let pixels = shape[first...last].reduce(1, *)
    let factor = try node.requantization(node.input.scale / node.output.scale)
    self.init(
      pixels: pixels, channels: shape[(last + 1)...].reduce(1, *),
      inputZeroPoint: node.input.zeroPoint, outputZeroPoint: node.output.zeroPoint,
      factor: factor.divided(by: Int32(pixels)))
  }
}
