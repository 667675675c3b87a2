extension QuantizedModel {
  /// Whether the outputs are probabilities already: the network ends in softmax or in the logistic
  /// function.
  package var givesProbabilities: Bool {
    guard let last = layers.last(where: { storage(of: $0.output) == storage(of: output) }) else {
      return false
    }
    switch last.operation {
    case .softmax: return true
    case .lookup(let lookup): return lookup.function == "logistic"
    case .conv2D, .depthwiseConv2D, .fullyConnected, .add, .multiply, .averagePool, .maxPool,
      .mean, .extremum, .copy, .wide:
      return false
    }
  }
}
