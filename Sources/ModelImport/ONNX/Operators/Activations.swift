internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  mutating func activation(
    _ node: ONNXNode, _ activation: Activation
  ) throws(NodeProblem) -> ONNXValue {
    try emitElementwise(node, .activation(activation), try node.view(0))
  }

  /// Only MobileNetV3's: `min(max(x / 6 + 0.5, 0), 1)`. ONNX's own default slope is 0.2.
  mutating func hardSigmoid(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let alpha = try node.float("alpha") ?? 0.2
    let beta = try node.float("beta") ?? 0.5
    guard abs(alpha - 1 / 6) < 1e-4 else {
      throw .attribute("alpha", found: "\(alpha)", expected: "1/6")
    }
    guard beta == 0.5 else { throw .attribute("beta", found: "\(beta)", expected: "0.5") }
    return try activation(node, .hardSigmoid)
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
    default:
      throw .attribute("bounds", found: "\(lower)...\(upper)", expected: "0...6 and 0...inf")
    }
  }

  /// Over the channels; before operator set 13, over all axes from `axis` on.
  mutating func softmax(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try node.view(0)
    let axis = try node.axis(
      try node.integer("axis", default: node.opset < 13 ? 1 : -1), rank: input.axes.count)
    let reduced = node.opset < 13 ? input.axes[axis...].flatMap { $0 } : input.axes[axis]
    guard reduced == [.channel] || reduced.isEmpty && input.shape.channels == 1 else {
      throw .attribute("axis", found: "\(axis) of \(input)", expected: "the channels")
    }
    return try emitElementwise(node, .softmax, input)
  }

  func dropout(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    if let training = try node.integers(at: 2), training != [0] {
      throw .attribute("training_mode", found: "\(training)", expected: "false")
    }
    return try node.value(0)
  }
}
