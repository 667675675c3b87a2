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
  /// REDUCE_MAX over neighboring axes: the codes go through, and the greatest stays. What lies outside
  /// the axes counts as rows, what lies inside as channels.
  init(greatest node: Int8Node) throws(NodeProblem) {
    let run = try node.reducedRun()
    try node.checkOneScale(node.input)
    self.init(
      .maximum,
      Window(
        input: Extent(run.outer, run.count), output: Extent(run.outer, 1),
        kernel: Extent(1, run.count), stride: Extent(1, run.count), padding: Extent(0, 0)),
      channels: run.inner, clamp: CodeWidth.int8.codes)
  }
}

extension Mean {
  /// MEAN over neighboring axes; what lies outside them counts as images, what lies inside as
  /// channels.
  init(_ node: Int8Node) throws(NodeProblem) {
    try self.init(node, outputScale: node.output.scale)
  }

  /// SUM over all axes but the innermost: the code of a sum is that of the mean at a scale that is
  /// smaller by how many values are added. LiteRT computes it with floats and may differ by one code.
  static func sum(_ node: Int8Node) throws(NodeProblem) -> (mean: Mean, scale: Double) {
    let run = try node.reducedRun()
    guard run.outer == 1 else {
      throw .inputShape(
        found: node.input.shape.dimensions, expected: "a sum over all axes but the innermost")
    }
    let scale = node.output.scale / Double(run.count)
    return (try Mean(node, outputScale: scale), scale)
  }

  private init(_ node: Int8Node, outputScale: Double) throws(NodeProblem) {
    let run = try node.reducedRun()
    let factor = try node.requantization(node.input.scale / outputScale)
    self.init(
      pixels: run.count, channels: run.inner,
      inputZeroPoint: node.input.zeroPoint, outputZeroPoint: node.output.zeroPoint,
      factor: factor.divided(by: Int32(run.count)))
  }
}

extension Int8Node {
  /// How many values lie outside the neighboring axes that input 1 names, along and inside them.
  fileprivate func reducedRun() throws(NodeProblem) -> (outer: Int, count: Int, inner: Int) {
    let shape = input.shape.dimensions
    let axes = Set(try integers(1).map { $0 < 0 ? $0 + shape.count : $0 }).sorted()
    guard let first = axes.first, let last = axes.last, first >= 0, last < shape.count,
      axes == Array(first...last)
    else {
      throw .constantValue(
        try constant(1).name, found: "axes \(axes)",
        expected: "neighboring axes of \(shape.count)")
    }
    let isKept = try operation.flag(TFLiteField.ReducerOptions.keepsAxes)
    try checkOutput(
      Shape(
        shape.indices.filter { isKept || !axes.contains($0) }.map {
          axes.contains($0) ? 1 : shape[$0]
        }))
    return (
      shape[..<first].reduce(1, *), shape[first...last].reduce(1, *),
      shape[(last + 1)...].reduce(1, *)
    )
  }
}
