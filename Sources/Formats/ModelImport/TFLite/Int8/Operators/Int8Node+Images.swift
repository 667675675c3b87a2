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
      inputZeroPoint: node.input.zeroPoint, outputZeroPoint: node.output.zeroPoint,
      clamp: try node.clamp(option: TFLiteWindowFields.transposeConv.activation),
      weights: channels.weights, bias: channels.bias, multipliers: channels.multipliers,
      shifts: channels.shifts)
    return (layer, channels.scales)
  }
}
