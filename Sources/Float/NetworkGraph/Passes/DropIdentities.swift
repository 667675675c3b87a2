internal import Tensors

extension Graph {
  /// Removes nodes that give back what they read, and the first of two where the second alone gives
  /// the same.
  mutating func dropIdentities() {
    var position = 0
    while position < nodes.count {
      if let source = source(of: nodes[position].inputs[0]),
        nodes[position].operation.overrides(source.operation)
      {
        nodes[position].inputs = source.inputs
      }
      if isIdentity(nodes[position]) { bypass(position) } else { position += 1 }
    }
    prune()
  }

  private func isIdentity(_ node: Node) -> Bool {
    let input = tensors[node.inputs[0]].shape
    switch node.operation {
    case .reshape(let shape): return shape == input
    case .pad(let padding): return padding == .none
    case .batchNormalization(let layer):
      return layer.scale.allSatisfy { $0 == 1 } && layer.offset.allSatisfy { $0 == 0 }
    case .averagePool(let pool), .maxPool(let pool):
      return pool.kernel == .unit && pool.stride == .unit && pool.padding == .none
    case .globalAveragePool: return input.extent == .unit
    case .activation(let activation):
      guard case .activation(let first)? = source(of: node.inputs[0])?.operation else {
        return false
      }
      return activation.keepsValues(of: first)
    case .conv2D, .depthwiseConv2D, .fullyConnected, .add, .multiply, .softmax: return false
    }
  }
}

extension Operator {
  /// Whether this operator gives the same with `first` before it as without.
  fileprivate func overrides(_ first: Operator) -> Bool {
    switch (self, first) {
    case (.reshape, .reshape), (.activation(.relu6), .activation(.relu)): true
    default: false
    }
  }
}

extension Activation {
  /// Whether every value that `first` can give passes through this function unchanged.
  fileprivate func keepsValues(of first: Activation) -> Bool {
    switch (self, first) {
    case (.relu, .relu), (.relu, .relu6), (.relu, .hardSigmoid), (.relu, .logistic),
      (.relu6, .relu6), (.relu6, .hardSigmoid), (.relu6, .logistic):
      true
    default: false
    }
  }
}
