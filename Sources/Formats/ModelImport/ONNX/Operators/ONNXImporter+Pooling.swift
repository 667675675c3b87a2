internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  mutating func globalAveragePool(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try image(node)
    let (tensor, shape) = try emit(node, .globalAveragePool, input.tensor)
    return .computed(TensorView(tensor: tensor, shape: shape, order: TensorView.channelsFirst))
  }

  /// Over height and width, whatever axes they are; `axes` is an attribute before operator set 18.
  mutating func reduceMean(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try node.view(0)
    let rank = input.axes.count
    let listed = try node.integers(at: 1, or: "axes") ?? []
    if listed.isEmpty, try node.integer("noop_with_empty_axes", default: 0) != 0 {
      return .computed(input)
    }
    let axes = listed.isEmpty ? Set(0..<rank) : try node.axes(listed, rank: rank)
    let reduced = Set(axes.flatMap { input.axes[$0] })
    let spatial = Set(input.axes.flatMap { $0 }).subtracting([.channel])
    guard reduced == spatial || reduced.isEmpty else {
      throw .layout(
        found: "\(input), reduced along \(listed)", expected: "the mean over height and width")
    }
    let keeps = try node.integer("keepdims", default: 1) != 0
    let remaining = input.axes.indices.filter { keeps || !axes.contains($0) }.map {
      axes.contains($0) ? [] : input.axes[$0]
    }
    guard !reduced.isEmpty else {
      return .computed(TensorView(tensor: input.tensor, shape: input.shape, axes: remaining))
    }
    let (tensor, shape) = try emit(node, .globalAveragePool, input.tensor)
    return .computed(TensorView(tensor: tensor, shape: shape, axes: remaining))
  }

  /// Padding that counts in the divisor becomes a node of its own.
  mutating func averagePool(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try image(node)
    var window = try poolWindow(node, input)
    var tensor = input.tensor
    if window.padding != .none, try node.integer("count_include_pad", default: 0) != 0 {
      tensor = try emit(node, .pad(window.padding), tensor, part: "pad").tensor
      window.padding = .none
    }
    return try pool(node, tensor, Operator.averagePool(window.pool))
  }

  mutating func maxPool(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try image(node)
    return try pool(node, input.tensor, .maxPool(try poolWindow(node, input).pool))
  }

  private mutating func pool(
    _ node: ONNXNode, _ input: Int, _ operation: Operator
  ) throws(NodeProblem) -> ONNXValue {
    let (tensor, shape) = try emit(node, operation, input)
    return .computed(TensorView(tensor: tensor, shape: shape, order: TensorView.channelsFirst))
  }

  private func poolWindow(
    _ node: ONNXNode, _ input: TensorView
  ) throws(NodeProblem) -> ONNXWindow {
    let window = try ONNXWindow(node, input: input.shape.extent, kernel: nil)
    guard window.dilation == .unit else {
      throw .attribute("dilations", found: "\(window.dilation)", expected: "1x1")
    }
    let (padding, kernel, extent) = (window.padding, window.kernel, input.shape.extent)
    guard padding.top < kernel.height, padding.bottom < kernel.height,
      padding.left < kernel.width, padding.right < kernel.width
    else {
      throw .attribute("pads", found: "\(padding)", expected: "less than the kernel \(kernel)")
    }
    let isRounded =
      (extent.height + padding.top + padding.bottom - kernel.height) % window.stride.height != 0
      || (extent.width + padding.left + padding.right - kernel.width) % window.stride.width != 0
    if isRounded, try node.integer("ceil_mode", default: 0) != 0 {
      throw .attribute("ceil_mode", found: "1", expected: "0, or windows that divide the image")
    }
    return window
  }
}

extension ONNXWindow {
  fileprivate var pool: Operator.Pool {
    Operator.Pool(kernel: kernel, stride: stride, padding: padding)
  }
}
