internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  /// Zeros around an image in either order of axes. Counts, value and axes are inputs or, before
  /// operator set 11, attributes.
  mutating func pad(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try node.view(0)
    let orders = [TensorView.channelsFirst, TensorView.channelsLast]
    guard let order = orders.first(where: { input.isOrdered($0) }) else {
      throw .layout(found: input.description, expected: "[1, C, H, W] or [1, H, W, C]")
    }
    let mode = try node.string("mode", default: "constant")
    guard mode == "constant" else {
      throw .attribute("mode", found: mode, expected: "constant")
    }
    let value = try node.scalar(at: 2, or: "value") ?? 0
    guard value == 0 else { throw .attribute("value", found: "\(value)", expected: "0") }

    let pads = try node.integers(at: 1, or: "pads") ?? []
    let axes = try node.integers(at: 3) ?? Array(0..<4)
    _ = try node.axes(axes, rank: 4)
    guard pads.count == 2 * axes.count,
      pads.allSatisfy({ (0...Self.largestSide).contains($0) })
    else {
      throw .attribute(
        "pads", found: "\(pads)",
        expected: "numbers in 0...\(Self.largestSide), two for each axis")
    }
    var padding = Padding.none
    for (index, listed) in axes.enumerated() {
      let (before, after) = (pads[index], pads[index + axes.count])
      switch order[try node.axis(listed, rank: 4)] {
      case .height: (padding.top, padding.bottom) = (before, after)
      case .width: (padding.left, padding.right) = (before, after)
      case .channel, .part, nil:
        guard before == 0, after == 0 else {
          throw .layout(
            found: "\(input), padded by \(pads)", expected: "padding of height and width")
        }
      }
    }
    let image = try asImage(input, node)
    let (tensor, shape) = try emit(node, .pad(padding), image.tensor)
    return .computed(TensorView(tensor: tensor, shape: shape, order: order))
  }
}
