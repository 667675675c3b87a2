internal import FixedPoint
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension Resize {
  /// RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR; input 1 has the new height and width.
  init(_ node: Int8Node) throws(NodeProblem) {
    let input = node.input.shape
    let mode = try RuntimeResize(node.code, node.operation)
    let output = try RuntimeResize.output(input, try node.integers(1))
    try node.checkOneScale(node.input)
    try node.checkOutput(
      Shape(
        batch: input.dimensions[0], height: output.height, width: output.width,
        channels: input.channels))
    self.init(
      input: input.extent, channels: input.channels,
      rows: Constants(mode.places(input: input.height, output: output.height)),
      columns: Constants(mode.places(input: input.width, output: output.width)))
  }
}

extension Resize {
  /// TILE along one axis; see `TFLiteTile`.
  static func tile(_ node: Int8Node) throws(NodeProblem) -> Resize {
    let tile = try TFLiteTile(node.input.shape, multiples: try node.integers(1))
    try node.checkOneScale(node.input)
    try node.checkOutput(tile.output)
    return Resize(
      input: tile.image.extent, channels: tile.image.channels,
      rows: Constants((0..<Int32(tile.image.height)).map { $0 * unit }),
      columns: Constants(tile.columns.map { Int32($0) * unit }))
  }
}

extension Resize {
  /// MIRROR_PAD of height and width: a choice of pixels.
  static func mirror(_ node: Int8Node) throws(NodeProblem) -> Resize {
    let (input, counts) = (node.input.shape, try node.integers(1))
    let fill = try node.operation.mirror()
    guard input.rank == 4, counts.count == 8, counts.allSatisfy({ (0...1 << 16).contains($0) }),
      counts[...1].allSatisfy({ $0 == 0 }), counts[6...].allSatisfy({ $0 == 0 }),
      let rows = fill.places(input.height, before: counts[2], after: counts[3]),
      let columns = fill.places(input.width, before: counts[4], after: counts[5])
    else {
      throw .constantValue(
        try node.constant(1).name, found: "padding \(counts.prefix(8))",
        expected: "padding of height and width, less than the image \(input)")
    }
    try node.checkOneScale(node.input)
    try node.checkOutput(
      Shape(
        batch: input.dimensions[0], height: rows.count, width: columns.count,
        channels: input.channels))
    return Resize(
      input: input.extent, channels: input.channels,
      rows: Constants(rows.map { Int32($0) * unit }),
      columns: Constants(columns.map { Int32($0) * unit }))
  }
}

extension TransposedConv2D {
  /// TRANSPOSE_CONV; inputs are the output's sizes, weights `[O, KH, KW, I]`, image and bias.
  static func layer(_ node: Int8Node) throws(NodeProblem) -> (TransposedConv2D, Constants<Float>) {
    let filter = try node.filter()
    let input = node.input.shape
    let window = try TFLiteTransposedWindow(
      node.operation, input: input, filter: filter, sizes: try node.integers(0))
    try node.checkOutput(
      Shape(
        batch: input.dimensions[0], height: window.output.height, width: window.output.width,
        channels: filter[0]))
    let channels = try Int8Channels(
      node, count: filter[0], axis: 0, bias: 3, factor: node.channelFactor)
    let layer = TransposedConv2D(
      input: input.extent, output: window.output, kernel: window.kernel, stride: window.stride,
      padding: window.padding, inputChannels: filter[3], outputChannels: filter[0],
      sums: channels.sums(
        node, clamp: try node.clamp(option: TFLiteWindowFields.transposeConv.activation)))
    return (layer, channels.scales)
  }
}

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

  /// SUM over neighboring axes: the code of a sum is that of the mean at a scale that is smaller by
  /// how many values are added. LiteRT computes it with floats and may differ by one code.
  static func sum(_ node: Int8Node) throws(NodeProblem) -> (mean: Mean, scale: Double) {
    let run = try node.reducedRun()
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
