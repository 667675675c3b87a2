package import Files
package import NetworkGraph
internal import Tensors

extension Architecture {
  /// The batch normalizations of the network with these weights, by node: gamma, beta, mean and
  /// variance as stored, and what is added to the variance.
  ///
  /// - Throws: `BuildError` where one is missing or of another shape.
  package func normalizations(
    of graph: Graph, weights: WeightSource
  ) throws(BuildError) -> [String: Normalization] {
    var found: [String: Normalization] = [:]
    for node in graph.nodes {
      guard case .batchNormalization(let layer) = node.operation else { continue }
      let channels = layer.scale.count
      func values(_ kind: WeightKind) throws(BuildError) -> [Float] {
        try weights.values(node.name + kind.suffix(style), shape: [channels], kind: kind)
      }
      found[node.name] = Normalization(
        gamma: try values(.gamma), beta: try values(.beta), mean: try values(.mean),
        variance: try values(.variance), epsilon: epsilon)
    }
    return found
  }

  /// The weights of `graph`, built for this architecture, as a file that names it: read again, it
  /// gives the same network.
  ///
  /// - Parameters:
  ///   - normalizations: By node, all that the graph has.
  ///   - spelling: Of this architecture.
  package func weightsFile(
    of graph: Graph, normalizations: [String: Normalization], spelling: String
  ) -> Safetensors {
    var tensors: [String: SafetensorsTensor] = [:]
    func store(_ name: String, _ kind: WeightKind, _ shape: [Int], _ values: [Float]) {
      tensors[name + kind.suffix(style)] = SafetensorsTensor(values).shaped(shape)
    }
    for node in graph.nodes {
      switch node.operation {
      case .conv2D(let layer):
        let layout = KernelLayout.convolution(
          style, outputs: layer.outputChannels, inputs: layer.inputChannels,
          kernel: layer.kernel.height)
        store(node.name, .kernel(fanIn: 1), layout.shape, layout.stored(layer.weights))
        if storesBias(node, graph) {
          store(node.name, .bias, [layer.outputChannels], layer.bias)
        }
      case .depthwiseConv2D(let layer):
        let layout = KernelLayout.depthwise(
          style, channels: layer.channels, kernel: layer.kernel.height)
        store(node.name, .kernel(fanIn: 1), layout.shape, layout.stored(layer.weights))
        if storesBias(node, graph) { store(node.name, .bias, [layer.channels], layer.bias) }
      case .fullyConnected(let layer):
        let layout = matrixLayout(outputs: layer.outputCount, inputs: layer.inputCount)
        store(node.name, .kernel(fanIn: 1), layout.shape, layout.stored(layer.weights))
        store(node.name, .bias, [layer.outputCount], layer.bias)
      case .batchNormalization(let layer):
        guard let learned = normalizations[node.name] else {
          preconditionFailure("no normalization of \(node.name)")
        }
        for (kind, values) in learned.parts {
          store(node.name, kind, [layer.scale.count], values)
        }
      case .activation, .add, .multiply, .averagePool, .maxPool, .globalAveragePool, .pad,
        .reshape, .softmax, .logSoftmax, .prelu, .concatenate, .rearrange, .resize,
        .transposedConv2D, .fakeQuantize:
        break
      }
    }
    return Safetensors(tensors: tensors, metadata: ["architecture": spelling])
  }

  /// Whether a convolution's bias has a tensor of its own.
  private func storesBias(_ node: Node, _ graph: Graph) -> Bool {
    let readers = graph.consumers(of: node.output)
    guard !isBiased, let reader = readers.first,
      case .batchNormalization = graph.nodes[reader].operation
    else { return true }
    return false
  }
}

extension Normalization {
  fileprivate var parts: [(WeightKind, [Float])] {
    [(.gamma, gamma), (.beta, beta), (.mean, mean), (.variance, variance)]
  }
}

extension SafetensorsTensor {
  fileprivate func shaped(_ shape: [Int]) -> SafetensorsTensor {
    SafetensorsTensor(dtype: dtype, shape: shape, bytes: bytes)
  }
}
