package import Tensors

extension Operator {
  /// Trained values, biases included.
  package var parameterCount: Int {
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
}

extension Graph {
  /// Trained values of all nodes.
  package var parameterCount: Int { nodes.reduce(0) { $0 + $1.operation.parameterCount } }

  /// Multiplications and accumulations of one inference.
  package var macs: Int {
    nodes.reduce(0) { $0 + $1.operation.macs(output: tensors[$1.output].shape) }
  }
}
