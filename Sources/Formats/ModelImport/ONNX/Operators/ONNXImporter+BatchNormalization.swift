internal import NetworkGraph
internal import Tensors

extension ONNXImporter {
  /// Channels are axis 1, in images and in vectors.
  mutating func batchNormalization(_ node: ONNXNode) throws(NodeProblem) -> ONNXValue {
    let input = try node.view(0)
    let orders = [TensorView.channelsFirst, TensorView.row, TensorView.vector]
    guard orders.contains(where: { input.isOrdered($0) }) else {
      throw .layout(found: input.description, expected: "[1, C, H, W] or [1, C]")
    }
    // Before operator set 14, the number of outputs tells the mode.
    guard node.opset >= 14 || node.outputCount <= 1 else {
      throw .attribute(
        "outputs", found: "\(node.outputCount), which mean training mode before operator set 14,",
        expected: "one, of a network in evaluation mode")
    }
    guard try node.integer("training_mode", default: 0) == 0 else {
      throw .attribute("training_mode", found: "1", expected: "0, of a network in evaluation mode")
    }
    guard try node.integer("spatial", default: 1) == 1 else {
      throw .attribute("spatial", found: "0", expected: "1")
    }
    let epsilon = try node.float("epsilon") ?? 1e-5
    let channels = input.shape.channels
    let gamma = try statistics(node, 1, channels)
    let beta = try statistics(node, 2, channels)
    let mean = try statistics(node, 3, channels)
    let variance = try statistics(node, 4, channels)
    guard epsilon.isFinite, variance.allSatisfy({ $0 + epsilon > 0 }) else {
      throw .attribute(
        "epsilon", found: "\(epsilon)", expected: "a number that makes every variance positive")
    }
    let layer = Operator.BatchNormalization(
      gamma: gamma, beta: beta, mean: mean, variance: variance, epsilon: epsilon)
    return try emitElementwise(node, .batchNormalization(layer), input)
  }

  private func statistics(
    _ node: ONNXNode, _ index: Int, _ channels: Int
  ) throws(NodeProblem) -> [Float] {
    let constant = try node.requiredConstant(index)
    guard constant.count == channels else {
      throw .constantShape(
        constant.name, found: constant.dimensions, expected: "\(channels) values, one a channel")
    }
    return try constant.weights()
  }
}
