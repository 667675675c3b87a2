internal import NetworkGraph
internal import Tensors

/// Operators that put tensors together, and that exchange channels for pixels.
extension ONNXImporter {
  mutating func concat(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    guard node.attributeNames.contains("axis") else {
      throw .attribute("axis", found: "none", expected: "an axis")
    }
    let listed = try node.integer("axis", default: 0)
    guard node.readsComputed else { return try concatOfConstants(node, listed) }
    var views: [TensorView] = []
    let first = (0..<node.inputCount).lazy.compactMap { index -> TensorView? in
      if case .computed(let view)? = node.optional(index) { view } else { nil }
    }.first
    for index in 0..<node.inputCount {
      switch (try node.value(index), first) {
      case (.constant(let constant), let view?):
        views.append(try computed(constant, beside: view, node))
      default: views.append(try node.view(index))
      }
    }
    let axis = try node.axis(listed, rank: views[0].axes.count)
    for view in views {
      var expected = views[0].dimensions
      guard view.axes.count == expected.count else {
        throw .inputShape(found: view.dimensions, expected: "\(expected.count) axes")
      }
      expected[axis] = view.dimensions[axis]
      guard view.dimensions == expected else {
        throw .inputShape(found: view.dimensions, expected: "\(expected)")
      }
    }
    return .computed(try concatenated(views, axis, node))
  }

  /// Whole numbers where all are.
  private mutating func concatOfConstants(
    _ node: ONNXNode, _ listed: Int
  ) throws(NodeProblem) -> ONNXValue {
    let first = try node.requiredConstant(0)
    let axis = try node.axis(listed, rank: first.dimensions.count)
    var parts: [ONNXConstant] = []
    var sizes = first.dimensions
    sizes[axis] = 0
    for index in 0..<node.inputCount {
      let part = try node.requiredConstant(index)
      var expected = first.dimensions
      if part.dimensions.count == expected.count { expected[axis] = part.dimensions[axis] }
      guard part.dimensions == expected else {
        throw .constantShape(part.name, found: part.dimensions, expected: "sizes \(expected)")
      }
      parts.append(part)
      let (size, overflow) = sizes[axis].addingReportingOverflow(expected[axis])
      guard !overflow else { throw .tooLarge(expected, limit: Self.largestCount) }
      sizes[axis] = size
    }
    try allow(values: parts.reduce(0) { $0 + $1.count })
    // Of each part as many numbers at a time as lie behind one place of the axes in front.
    let outer = sizes[..<axis].reduce(1, *)
    func joined<Number>(_ numbers: [[Number]]) -> [Number] {
      (0..<outer).flatMap { place in
        numbers.flatMap { part in
          part[place * part.count / outer..<(place + 1) * part.count / outer]
        }
      }
    }
    let whole = parts.compactMap(\.integers)
    return .constant(
      ONNXConstant(
        name: node.name, dimensions: sizes,
        numbers: whole.count == parts.count
          ? .integers(joined(whole)) : .floats(joined(parts.map(\.floats)))))
  }

  /// `views` one behind the other along an ONNX axis, in which alone their sizes differ.
  mutating func concatenated(
    _ views: [TensorView], _ axis: Int, _ node: ONNXNode
  ) throws(NodeProblem) -> TensorView {
    guard let order = commonOrder(views), let name = order[axis] else {
      return try concatenatedInPlace(views, axis, node)
    }
    var tensors: [Int] = []
    for view in views {
      tensors.append(try asImage(try arranged(view, order, node), node).tensor)
    }
    let place = [TensorView.Axis.height: 1, .width: 2, .channel: 3][name] ?? 0
    let operation = Operator.Concatenate(axis: place, operandCount: tensors.count)
    let (tensor, shape) = try emit(node, .concatenate(operation), inputs: tensors)
    return TensorView(tensor: tensor, shape: shape, order: order)
  }

  /// The order of axes that most of the views' values lie in already; `nil` for what is no image and
  /// no row of pixels.
  private func commonOrder(_ views: [TensorView]) -> [TensorView.Axis?]? {
    let orders: [[TensorView.Axis?]]
    switch views[0].axes.count {
    case 4 where views[0].dimensions[0] == 1:
      orders = [TensorView.channelsFirst, TensorView.channelsLast]
      let fitting = orders.first { order in views.allSatisfy { $0.isOrdered(order) } }
      return fitting ?? imageOrder
    case 3 where views[0].dimensions[0] == 1:
      orders = [TensorView.row, [nil, .width, .channel]]
      let fitting = orders.first { order in views.allSatisfy { $0.isOrdered(order) } }
      return fitting ?? orders[views[0].loops[1].last?.stride == 1 ? 0 : 1]
    default: return nil
    }
  }

  /// As `concatenated`, with all values in ONNX's order.
  private mutating func concatenatedInPlace(
    _ views: [TensorView], _ axis: Int, _ node: ONNXNode
  ) throws(NodeProblem) -> TensorView {
    var tensors: [Int] = []
    for view in views {
      tensors.append(try arranged(view, as: Shape(view.dimensions), node).tensor)
    }
    let operation = Operator.Concatenate(axis: axis, operandCount: tensors.count)
    let (tensor, shape) = try emit(node, .concatenate(operation), inputs: tensors)
    return TensorView(tensor: tensor, shape: shape, sizes: shape.dimensions)
  }

  /// `[1, C * b * b, H, W]` to `[1, C, H * b, W * b]`; `mode` says which part of a channel's number is
  /// the place in the block, the outer (DCR) or the inner one (CRD).
  mutating func depthToSpace(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let (view, sizes, block) = try blocks(node)
    let mode = try node.string("mode", default: "DCR")
    guard mode == "DCR" || mode == "CRD" else {
      throw .attribute("mode", found: mode, expected: "DCR and CRD")
    }
    guard sizes[1] % (block * block) == 0 else {
      throw .inputShape(found: sizes, expected: "channels in blocks of \(block * block)")
    }
    let channels = sizes[1] / block / block
    let isInner = mode == "CRD"
    let cut = isInner ? [channels, block, block] : [block, block, channels]
    return try exchanged(
      view, cut: [1] + cut + sizes[2...],
      isInner ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2],
      to: [1, channels, sizes[2] * block, sizes[3] * block], node)
  }

  /// `[1, C, H * b, W * b]` to `[1, b * b * C, H, W]`.
  mutating func spaceToDepth(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let (view, sizes, block) = try blocks(node)
    guard sizes[2] % block == 0, sizes[3] % block == 0 else {
      throw .inputShape(found: sizes, expected: "height and width in blocks of \(block)")
    }
    let (height, width) = (sizes[2] / block, sizes[3] / block)
    return try exchanged(
      view, cut: [1, sizes[1], height, block, width, block], [0, 3, 5, 1, 2, 4],
      to: [1, sizes[1] * block * block, height, width], node)
  }

  private func blocks(
    _ node: ONNXNode
  ) throws(NodeProblem) -> (view: TensorView, sizes: [Int], block: Int) {
    let view = try node.view(0)
    let sizes = view.dimensions
    let block = try node.integer("blocksize", default: 0)
    guard sizes.count == 4, sizes[0] == 1 else {
      throw .inputShape(found: sizes, expected: "[1, C, H, W]")
    }
    guard (1...1 << 12).contains(block) else {
      throw .attribute("blocksize", found: "\(block)", expected: "1 to 4096")
    }
    return (view, sizes, block)
  }

  private mutating func exchanged(
    _ view: TensorView, cut: [Int], _ permutation: [Int], to sizes: [Int], _ node: ONNXNode
  ) throws(NodeProblem) -> ONNXValue {
    let value = try reshaped(.computed(view), cut, node).transposed(permutation)
    return try reshaped(value, sizes, node)
  }
}
