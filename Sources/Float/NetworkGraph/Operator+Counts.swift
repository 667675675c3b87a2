package import Tensors

extension Operator {
  /// Multiplications and accumulations for an output of this shape; 0 for what is not a sum of
  /// products.
  package func macs(output: Shape) -> Int {
    switch self {
    case .conv2D(let layer): output.count * layer.patchCount
    case .depthwiseConv2D(let layer): output.count * layer.kernel.count
    case .fullyConnected(let layer): output.count * layer.inputCount
    case .batchNormalization, .activation, .add, .multiply, .averagePool, .maxPool,
      .globalAveragePool, .pad, .reshape, .softmax:
      0
    }
  }

  /// Its constant values: weights, biases, scales and offsets.
  package var constantCount: Int {
    switch self {
    case .conv2D(let layer): layer.weights.count + layer.bias.count
    case .depthwiseConv2D(let layer): layer.weights.count + layer.bias.count
    case .fullyConnected(let layer): layer.weights.count + layer.bias.count
    case .batchNormalization(let layer): layer.scale.count + layer.offset.count
    case .activation, .add, .multiply, .averagePool, .maxPool, .globalAveragePool, .pad, .reshape,
      .softmax:
      0
    }
  }
}

extension Graph {
  /// Trained values of all nodes.
  package var parameterCount: Int { nodes.reduce(0) { $0 + parameterCount($1) } }

  /// Multiplications and accumulations of one inference.
  package var macs: Int {
    nodes.reduce(0) { $0 + $1.operation.macs(output: tensors[$1.output].shape) }
  }

  /// Trained values of a node. A bias of zeros before a batch normalization is none: it stands for
  /// a convolution without bias.
  package func parameterCount(_ node: Node) -> Int {
    switch node.operation {
    case .conv2D(let layer): node.operation.constantCount - absentBiases(node, layer.bias)
    case .depthwiseConv2D(let layer): node.operation.constantCount - absentBiases(node, layer.bias)
    default: node.operation.constantCount
    }
  }

  private func absentBiases(_ node: Node, _ bias: [Float]) -> Int {
    let readers = consumers(of: node.output)
    guard bias.allSatisfy({ $0 == 0 }), readers.count == 1,
      case .batchNormalization = nodes[readers[0]].operation
    else { return 0 }
    return bias.count
  }
}
