internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  mutating func activation(
    _ node: ONNXNode, _ activation: Activation
  ) throws(NodeProblem) -> ONNXValue {
    try emitElementwise(node, .activation(activation), try node.view(0))
  }

  /// `min(max(alpha * x + beta, 0), 1)`.
  mutating func hardSigmoid(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let alpha = try node.float("alpha") ?? 0.2
    let beta = try node.float("beta") ?? 0.5
    guard (6 * alpha).isFinite, (6 * beta).isFinite else {
      throw .attribute("alpha, beta", found: "\(alpha), \(beta)", expected: "finite numbers")
    }
    // Files write 1/6 with as few as four digits.
    if abs(alpha - 1 / 6) < 1e-4, beta == 0.5 { return try activation(node, .hardSigmoid) }
    return try activation(node, .hardSigmoid, scale: 6 * alpha, offset: 6 * beta - 3)
  }

  /// `activation` of `scale * x + offset`, times `factor`.
  private mutating func activation(
    _ node: ONNXNode, _ activation: Activation, scale: Float, offset: Float, factor: Float = 1
  ) throws(NodeProblem) -> ONNXValue {
    var view = try node.view(0)
    let channels = view.shape.channels
    func line(_ scale: Float, _ offset: Float) -> Operator {
      .batchNormalization(
        Operator.BatchNormalization(
          scale: [Float](repeating: scale, count: channels),
          offset: [Float](repeating: offset, count: channels)))
    }
    func moved(to tensor: Int) -> TensorView {
      TensorView(tensor: tensor, shape: view.shape, axes: view.axes)
    }
    view = moved(to: try emit(node, line(scale, offset), view.tensor, part: "line").tensor)
    guard factor != 1 else { return try emitElementwise(node, .activation(activation), view) }
    view = moved(to: try emit(node, .activation(activation), view.tensor, part: "unit").tensor)
    return try emitElementwise(node, line(factor, 0), view)
  }

  /// Bounds are inputs 1 and 2 or, before operator set 11, attributes.
  mutating func clip(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let lower = try node.scalar(at: 1, or: "min") ?? -.infinity
    let upper = try node.scalar(at: 2, or: "max") ?? .infinity
    // The largest float stands for no bound in older files.
    switch (lower, upper) {
    case (0, 6): return try activation(node, .relu6)
    case (0, Float.greatestFiniteMagnitude...): return try activation(node, .relu)
    case (...(-Float.greatestFiniteMagnitude), Float.greatestFiniteMagnitude...):
      return .computed(try node.view(0))
    // What spells out h-sigmoid: `min(max(alpha * x + beta, 0), 1)`.
    case (0, 1): return try activation(node, .hardSigmoid, scale: 6, offset: -3)
    case (0, let upper) where upper > 0 && (6 / upper).isFinite:
      return try activation(node, .relu6, scale: 6 / upper, offset: 0, factor: upper / 6)
    default:
      throw .attribute("bounds", found: "\(lower)...\(upper)", expected: "0 to a positive number")
    }
  }

  /// Softmax or its logarithm over the channels; before operator set 13, over all axes from `axis` on.
  mutating func softmax(
    _ node: ONNXNode, _ operation: Operator = .softmax
  ) throws(NodeProblem) -> ONNXValue {
    let input = try node.view(0)
    let axis = try node.axis(
      try node.integer("axis", default: node.opset < 13 ? 1 : -1), rank: input.axes.count)
    let reduced = node.opset < 13 ? input.axes[axis...].flatMap { $0 } : input.axes[axis]
    guard reduced == [.channel] || reduced.isEmpty && input.shape.channels == 1 else {
      throw .layout(found: "\(input), softmax along \(axis)", expected: "softmax along channels")
    }
    return try emitElementwise(node, operation, input)
  }

  func dropout(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    guard try node.integer("is_test", default: 1) != 0 else {
      throw .attribute("is_test", found: "0", expected: "1, of a network in evaluation mode")
    }
    if let training = try node.integers(at: 2), training != [0] {
      throw .attribute("training_mode", found: "\(training)", expected: "false")
    }
    return try node.value(0)
  }
}
