internal import Tensors

extension Graph {
  /// Multiplies scales and offsets by channel into the weights and biases of the layer before
  /// them, where nobody else reads that layer's output. Two in a row become one. What stays
  /// follows the input, a residual addition or an activation.
  mutating func foldBatchNormalization() {
    var position = 0
    while position < nodes.count {
      if fold(nodes[position]) { bypass(position) } else { position += 1 }
    }
    prune()
  }

  /// Whether `node` could be drawn into the node before it, which then does the work of both.
  private mutating func fold(_ node: Node) -> Bool {
    guard case .batchNormalization(let layer) = node.operation,
      consumers(of: node.inputs[0]).count == 1, node.inputs[0] != output,
      let position = producer(of: node.inputs[0]),
      let folded = nodes[position].operation.followed(by: layer)
    else { return false }
    nodes[position].operation = folded
    return true
  }
}

extension Operator {
  /// The operator that does the work of this one and then of `layer`; `nil` where none does.
  fileprivate func followed(by layer: BatchNormalization) -> Operator? {
    switch self {
    case .conv2D(var conv):
      conv.weights = conv.weights.indices.map {
        conv.weights[$0] * layer.scale[$0 / conv.patchCount]
      }
      conv.bias = layer.applied(to: conv.bias)
      return .conv2D(conv)
    case .depthwiseConv2D(var conv):
      conv.weights = conv.weights.indices.map {
        conv.weights[$0] * layer.scale[$0 % conv.outputChannels]
      }
      conv.bias = layer.applied(to: conv.bias)
      return .depthwiseConv2D(conv)
    case .fullyConnected(var dense):
      dense.weights = dense.weights.indices.map {
        dense.weights[$0] * layer.scale[$0 / dense.inputCount]
      }
      dense.bias = layer.applied(to: dense.bias)
      return .fullyConnected(dense)
    case .batchNormalization(let first):
      return .batchNormalization(
        BatchNormalization(
          scale: zip(first.scale, layer.scale).map { $0 * $1 },
          offset: layer.applied(to: first.offset)))
    case .activation, .add, .multiply, .averagePool, .maxPool, .globalAveragePool, .pad, .reshape,
      .softmax:
      return nil
    }
  }
}

extension Operator.BatchNormalization {
  /// The layer's output for one value a channel.
  fileprivate func applied(to values: [Float]) -> [Float] {
    values.indices.map { scale[$0] * values[$0] + offset[$0] }
  }
}
