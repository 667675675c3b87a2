internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  /// Values around an image or a row, in any order of axes, along its channels too; a negative count
  /// cuts away. Counts, value and axes are inputs or, before operator set 11, attributes.
  mutating func pad(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try node.view(0)
    let rank = input.axes.count
    guard let order = TensorView.padded.first(where: { $0.count == rank && input.isOrdered($0) })
    else {
      throw .layout(found: input.description, expected: "[1, C, H, W] or [1, H, W, C]")
    }
    let mode = try node.string("mode", default: "constant")
    let fill: PadFill
    switch mode {
    case "constant":
      let value = try node.scalar(at: 2, or: "value") ?? 0
      guard value.isFinite else {
        throw .attribute("value", found: "\(value)", expected: "a finite number")
      }
      fill = .value(value)
    case "edge": fill = .edge
    case "reflect": fill = .mirror(repeatsEdge: false)
    case "wrap": fill = .wrap
    default:
      throw .attribute("mode", found: mode, expected: "constant, edge, reflect and wrap")
    }
    let counts = try padCounts(node, rank: rank)
    func around(_ axis: TensorView.Axis) -> (before: Int, after: Int) {
      order.firstIndex(of: axis).map { counts[$0] } ?? (0, 0)
    }
    guard zip(order, counts).allSatisfy({ $0.0 != nil || $0.1 == (0, 0) }) else {
      throw .layout(found: "\(input), padded by \(counts)", expected: "padding of an image's axes")
    }
    let image = try asImage(input, node)
    let (height, width) = (around(.height), around(.width))
    var result = try padded(node, (image.tensor, image.shape), height, width, fill)
    let channels = around(.channel)
    if channels != (0, 0) {
      // The channels of each pixel as a row.
      let shape = result.shape
      let rows = Shape(height: shape.extent.count, width: shape.channels, channels: 1)
      let laid = try emit(node, .reshape(rows), result.tensor, part: "rows")
      let longer = try padded(node, laid, (0, 0), channels, fill)
      let all = Shape(height: shape.height, width: shape.width, channels: longer.shape.width)
      result = try emit(node, .reshape(all), longer.tensor, part: "image")
    }
    return .computed(TensorView(tensor: result.tensor, shape: result.shape, order: order))
  }

  /// How many values go in front of each axis and behind it.
  private func padCounts(
    _ node: ONNXNode, rank: Int
  ) throws(NodeProblem) -> [(before: Int, after: Int)] {
    let pads = try node.integers(at: 1, or: "pads") ?? []
    let axes = try node.integers(at: 3) ?? Array(0..<rank)
    _ = try node.axes(axes, rank: rank)
    guard pads.count == 2 * axes.count,
      pads.allSatisfy({ (-Self.largestSide...Self.largestSide).contains($0) })
    else {
      throw .attribute(
        "pads", found: "\(pads)",
        expected: "numbers in 0...\(Self.largestSide), two for each axis")
    }
    var counts = [(before: Int, after: Int)](repeating: (0, 0), count: rank)
    for (index, listed) in axes.enumerated() {
      counts[try node.axis(listed, rank: rank)] = (pads[index], pads[index + axes.count])
    }
    return counts
  }

  private mutating func padded(
    _ node: ONNXNode, _ input: (tensor: Int, shape: Shape), _ height: (before: Int, after: Int),
    _ width: (before: Int, after: Int), _ fill: PadFill
  ) throws(NodeProblem) -> (tensor: Int, shape: Shape) {
    var result = input
    for operation in try fill.operators(input.shape, height, width) {
      result = try emit(node, operation, result.tensor)
    }
    return result
  }
}

extension TensorView {
  /// The orders of axes that can be padded.
  fileprivate static let padded = [
    channelsFirst, channelsLast, row, [nil, .width, .channel], vector,
  ]
}
