internal import NetworkGraph
internal import Tensors

/// Operators that take some of a tensor's values: views as a rule, which move nothing.
extension ONNXImporter {
  /// Indices are constants; each run of them with one step between is a slice.
  mutating func gather(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let value = try node.value(0)
    let sizes = value.dimensions
    let axis = try node.axis(try node.integer("axis", default: 0), rank: sizes.count)
    let list = try node.requiredConstant(1)
    var places: [Int] = []
    for index in try node.integers(at: 1) ?? [] {
      places.append(try node.axis(index, rank: sizes[axis]))
    }
    let picked: ONNXValue
    switch value {
    case .constant(let constant): picked = .constant(constant.slice(axis, places))
    case .computed(let view):
      let runs = PlaceRun.runs(places)
      guard (1...PlaceRun.most).contains(runs.count) else {
        throw .constantShape(
          list.name, found: list.dimensions,
          expected: "1 to \(PlaceRun.most) runs of indices with one step between")
      }
      var parts: [TensorView] = []
      for run in runs { parts.append(try sliced(view, axis, run, node)) }
      picked = .computed(parts.count == 1 ? parts[0] : try concatenated(parts, axis, node))
    }
    return try reshaped(
      picked, Array(sizes[..<axis]) + list.dimensions + sizes[(axis + 1)...], node)
  }

  /// Bounds are inputs or, before operator set 10, attributes.
  mutating func slice(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    var value = try node.value(0)
    let sizes = value.dimensions
    let starts = try node.integers(at: 1, or: "starts") ?? []
    let ends = try node.integers(at: 2, or: "ends") ?? []
    let axes = try node.integers(at: 3, or: "axes") ?? Array(starts.indices)
    let steps = try node.integers(at: 4, or: "steps") ?? starts.map { _ in 1 }
    _ = try node.axes(axes, rank: sizes.count)
    guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count,
      !steps.contains(0)
    else {
      throw .attribute(
        "starts, ends, axes, steps", found: "\(starts), \(ends), \(axes), \(steps)",
        expected: "as many of each, and no step of 0")
    }
    for (index, listed) in axes.enumerated() {
      let axis = try node.axis(listed, rank: sizes.count)
      let places = PlaceRun(
        from: starts[index], to: ends[index], step: steps[index], of: sizes[axis])
      switch value {
      case .constant(let constant): value = .constant(constant.slice(axis, places.places))
      case .computed(let view): value = .computed(try sliced(view, axis, places, node))
      }
    }
    return value
  }

  /// Sizes are an input or, before operator set 13, an attribute; without them, parts are equal, and
  /// the last is what is left.
  mutating func split(_ node: ONNXNode) throws(NodeProblem) -> [ONNXValue] {
    let value = try node.value(0)
    let axis = try node.axis(
      try node.integer("axis", default: 0), rank: value.dimensions.count)
    let size = value.dimensions[axis]
    let count = try node.integer("num_outputs", default: node.allOutputCount)
    var sizes = try node.integers(at: 1, or: "split") ?? []
    if sizes.isEmpty, (1...max(size, 1)).contains(count) {
      let part = (size + count - 1) / count
      sizes = (0..<count).map { min(part, max(0, size - $0 * part)) }
    }
    guard sizes.allSatisfy({ (1...max(size, 1)).contains($0) }), sizes.reduce(0, +) == size else {
      throw .attribute(
        "split", found: "\(sizes)", expected: "sizes that are together \(size), each at least 1")
    }
    var results: [ONNXValue] = []
    var first = 0
    for size in sizes {
      let places = PlaceRun(first: first, count: size, step: 1)
      switch value {
      case .constant(let constant):
        results.append(.constant(constant.slice(axis, places.places)))
      case .computed(let view): results.append(.computed(try sliced(view, axis, places, node)))
      }
      first += size
    }
    return results
  }

  /// Some places of an axis. Where no view says it, the values come to places of their own first.
  private mutating func sliced(
    _ view: TensorView, _ axis: Int, _ places: PlaceRun, _ node: ONNXNode
  ) throws(NodeProblem) -> TensorView {
    guard places.count > 0 else {
      throw .inputShape(found: view.dimensions, expected: "a slice of at least one value")
    }
    func slice(_ view: TensorView) -> TensorView? {
      view.sliced(axis, begin: places.first, count: places.count, step: places.step)
    }
    if let slice = slice(view) { return slice }
    let whole = try settled(view, node)
    if let slice = slice(whole) { return slice }
    let row = try arranged(view, as: Shape([1, view.order.count]), node)
    let sized = TensorView(tensor: row.tensor, shape: row.shape, sizes: view.dimensions)
    guard let slice = slice(sized) else {
      throw .layout(found: view.description, expected: "an axis in one piece")
    }
    return slice
  }
}

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
