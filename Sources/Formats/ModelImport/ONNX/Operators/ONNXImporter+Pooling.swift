internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  mutating func globalAveragePool(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try image(node)
    let (tensor, shape) = try emit(node, .globalAveragePool, input.tensor)
    return .computed(
      TensorView(tensor: tensor, shape: shape, order: TensorView.images(rank: input.axes.count)))
  }

  mutating func globalMaxPool(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try image(node)
    let pool = Operator.Pool(kernel: input.shape.extent, stride: input.shape.extent)
    return try self.pool(node, input.tensor, .maxPool(pool))
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
    let rank = try node.view(0).axes.count
    return .computed(
      TensorView(tensor: tensor, shape: shape, order: TensorView.images(rank: rank)))
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
