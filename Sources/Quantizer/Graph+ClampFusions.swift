internal import NetworkGraph

/// An activation that only cuts its input, taken over by the layer that makes the input.
struct Fusion {
  /// The position of the activation's node.
  let node: Int
  let activation: Activation
  /// The tensor that the activation writes.
  let output: Int
}

extension Graph {
  /// The activations that cost nothing in int8, by the position of the node that takes each over:
  /// its output codes are clamped, where nothing else reads the value before the cut.
  var clampFusions: [Int: Fusion] {
    var fusions: [Int: Fusion] = [:]
    for (position, node) in nodes.enumerated() {
      guard case .activation(let activation) = node.operation, activation.clamp != nil,
        node.inputs[0] != output, consumers(of: node.inputs[0]).count == 1,
        let producer = producer(of: node.inputs[0]), nodes[producer].operation.canClamp
      else { continue }
      fusions[producer] = Fusion(node: position, activation: activation, output: node.output)
    }
    return fusions
  }
}

extension Operator {
  /// Whether the int8 form ends in a clamp to codes of its choice.
  fileprivate var canClamp: Bool {
    switch self {
    case .conv2D, .depthwiseConv2D, .fullyConnected, .batchNormalization, .add, .multiply: true
    case .activation, .averagePool, .maxPool, .globalAveragePool, .pad, .reshape, .softmax: false
    }
  }
}
