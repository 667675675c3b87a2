internal import NetworkGraph
internal import Tensors

/// One value of many along some axes.
extension ONNXImporter {
  /// Over any axes. `axes` is an attribute before operator set 18, of a sum before 13.
  mutating func reduce(
    _ node: ONNXNode, _ reduction: Reduction
  ) throws(NodeProblem) -> ONNXValue {
    let input = try node.view(0)
    let rank = input.axes.count
    let listed = try node.integers(at: 1, or: "axes") ?? []
    if listed.isEmpty, try node.integer("noop_with_empty_axes", default: 0) != 0 {
      return .computed(input)
    }
    let axes = listed.isEmpty ? Set(0..<rank) : try node.axes(listed, rank: rank)
    let keeps = try node.integer("keepdims", default: 1) != 0
    let remaining = input.axes.indices.filter { keeps || !axes.contains($0) }.map {
      axes.contains($0) ? [] : input.axes[$0]
    }
    let result = try reduced(node, reduction, input, over: Set(axes.flatMap { input.axes[$0] }))
    return .computed(TensorView(tensor: result.tensor, shape: result.shape, axes: remaining))
  }

  /// What a reduction makes of the values along `axes`, whole axes of a tensor.
  private mutating func reduced(
    _ node: ONNXNode, _ reduction: Reduction, _ input: TensorView, over axes: Set<TensorView.Axis>
  ) throws(NodeProblem) -> (tensor: Int, shape: Shape) {
    let image = try asImage(input, node)
    guard image.shape.rank == 4, image.isComplete else {
      throw .layout(found: "\(input)", expected: "an image or a vector")
    }
    var result = (tensor: image.tensor, shape: image.shape)
    let operators = reduction.operators(
      image.shape, height: axes.contains(.height), width: axes.contains(.width),
      channels: axes.contains(.channel))
    for operation in operators { result = try emit(node, operation, result.tensor) }
    return result
  }

  /// A function of each value of a complete view.
  mutating func applied(
    _ function: Operator, to view: TensorView, _ node: ONNXNode
  ) throws(NodeProblem) -> TensorView {
    let (tensor, shape) = try emit(node, function, view.tensor, part: function.name)
    return TensorView(tensor: tensor, shape: shape, axes: view.axes)
  }

  /// The negative of each value of a complete view.
  mutating func negative(
    of view: TensorView, _ node: ONNXNode
  ) throws(NodeProblem) -> TensorView {
    try applied(.line(view.shape.channels, -1, 0), to: view, node)
  }
}

extension ONNXImporter {
  /// `x` divided by the sum of magnitudes along an axis (`p` of 1), or by the root of the sum of
  /// squares (2).
  mutating func lpNormalization(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try node.view(0)
    let axis = try node.axis(try node.integer("axis", default: -1), rank: input.axes.count)
    let exponent = try node.integer("p", default: 2)
    guard let norm = Reduction.all["ReduceL\(exponent)"] else {
      throw .attribute("p", found: "\(exponent)", expected: "1 and 2")
    }
    let (tensor, shape) = try reduced(node, norm, input, over: Set(input.axes[axis]))
    var axes = input.axes
    axes[axis] = []
    return .computed(
      try quotient(node, input, TensorView(tensor: tensor, shape: shape, axes: axes)))
  }
}
