internal import NetworkGraph
internal import Tensors

/// Views become tensors where an operator needs values in places of their own.
extension ONNXImporter {
  /// The same values as a tensor whose ONNX axes are `order`. Where that takes moving them, a view
  /// of whole axes is refused unless nothing else helps: the order of the input's axes may be another.
  mutating func arranged(
    _ view: TensorView, _ order: [TensorView.Axis?], _ node: ONNXNode
  ) throws(NodeProblem) -> TensorView {
    let sizes = view.dimensions
    guard sizes.count == order.count,
      zip(sizes, order).allSatisfy({ $0.0 == 1 || $0.1 != nil })
    else {
      throw .layout(found: view.description, expected: TensorView.name(order))
    }
    if view.isOrdered(order), order.count == 2 || view.shape.rank == 4 { return view }
    func size(_ axis: TensorView.Axis) -> Int {
      order.firstIndex(of: axis).map { sizes[$0] } ?? 1
    }
    let shape =
      order.count == 2
      ? Shape([1, size(.channel)])
      : Shape(height: size(.height), width: size(.width), channels: size(.channel))
    let loops = [TensorView.Axis.height, .width, .channel]
      .compactMap { axis in order.firstIndex(of: axis) }.flatMap { view.loops[$0] }
    let memory = StridedOrder(start: view.start, loops)
    guard memory.isWhole(of: view.shape.count) || movesPlainViews || !view.isPlain else {
      throw .layout(found: view.description, expected: TensorView.name(order))
    }
    let tensor = try moved(view, memory, to: shape, node)
    return TensorView(tensor: tensor, shape: shape, order: order)
  }

  /// The same values in ONNX's own order, as a tensor of this shape.
  mutating func arranged(
    _ view: TensorView, as shape: Shape, _ node: ONNXNode
  ) throws(NodeProblem) -> TensorView {
    let tensor = try moved(view, view.order, to: shape, node)
    return TensorView(tensor: tensor, shape: shape, sizes: view.dimensions)
  }

  /// The same values as a tensor of whole axes, in the order that networks have as a rule: that of
  /// the input for images, channels last for rows whose last axis is in one piece.
  mutating func settled(_ view: TensorView, _ node: ONNXNode) throws(NodeProblem) -> TensorView {
    let sizes = view.dimensions
    switch sizes.count {
    case 4 where sizes[0] == 1:
      return try arranged(view, imageOrder, node)
    case 3 where sizes[0] == 1 && view.loops[1].last?.stride == 1:
      return try arranged(view, TensorView.row, node)
    case 0, 1: return try arranged(view, as: Shape([1, sizes.first ?? 1]), node)
    case 2 where sizes[0] == 1: return try arranged(view, TensorView.vector, node)
    default:
      let last = sizes.count - 1
      let image = Shape(
        height: sizes[..<(last - 1)].reduce(1, *), width: sizes[last - 1], channels: sizes[last])
      return try arranged(view, as: image, node)
    }
  }

  /// The tensor of `shape` that holds the values of `view` in `order`: its own where they lie so.
  private mutating func moved(
    _ view: TensorView, _ order: StridedOrder, to shape: Shape, _ node: ONNXNode
  ) throws(NodeProblem) -> Int {
    guard order.isWhole(of: view.shape.count) else {
      let operation = Operator.Rearrange(order, shape: shape)
      return try emit(node, .rearrange(operation), view.tensor, part: "rearrange").tensor
    }
    guard shape != view.shape else { return view.tensor }
    return try emit(node, .reshape(shape), view.tensor, part: "reshape").tensor
  }
}

extension TensorView {
  /// ONNX's order of the axes of what convolutions and poolings take.
  static func images(rank: Int) -> [Axis?] { rank == 3 ? row : channelsFirst }

  /// `[1, C, H, W]`.
  static func name(_ order: [Axis?]) -> String {
    description(of: order.map { $0.map { [$0] } ?? [] })
  }
}
