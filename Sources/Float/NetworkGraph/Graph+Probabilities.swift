extension Graph {
  /// Whether the outputs are probabilities already: the network ends in softmax or in the logistic
  /// function.
  package var givesProbabilities: Bool { areProbabilities(output) }

  private func areProbabilities(_ tensor: Int) -> Bool {
    guard let producer = producer(of: tensor) else { return false }
    let node = nodes[producer]
    switch node.operation {
    case .softmax, .activation(.logistic): return true
    case .reshape: return areProbabilities(node.inputs[0])
    case .conv2D, .depthwiseConv2D, .fullyConnected, .batchNormalization, .activation, .add,
      .multiply, .averagePool, .maxPool, .globalAveragePool, .pad:
      return false
    }
  }
}
