private import Glibc
package import NetworkGraph
internal import Tensors

/// The weights that a training from nothing begins with: normal values that keep the size of
/// gradients, biases of 0. Source: He et al., "Delving deep into rectifiers", 2015, with the fan-out
/// of torchvision's MobileNets; classifiers have a deviation of 0.01, as there.
package struct InitialWeights {
  private let seed: UInt64

  package init(seed: UInt64) { self.seed = seed }

  /// `graph` with such weights in its classifier alone.
  package func classifierDrawn(_ graph: Graph) -> Graph {
    guard let position = graph.classifier else { return graph }
    return drawn(graph, at: position...position)
  }

  /// `graph` with such weights.
  package func drawn(_ graph: Graph) -> Graph {
    drawn(graph, at: 0...max(0, graph.nodes.count - 1))
  }

  private func drawn(_ graph: Graph, at positions: ClosedRange<Int>) -> Graph {
    var graph = graph
    let classifier = graph.classifier
    for index in graph.nodes.indices where positions.contains(index) {
      var random = SplitMix64(seed: seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
      switch graph.nodes[index].operation {
      case .conv2D(var layer):
        let fan = layer.kernel.count * layer.outputChannels / layer.groups
        // A classifier that is spelled as a convolution is one all the same.
        let deviation = index == classifier ? 0.01 : (2 / Double(fan)).squareRoot()
        layer.weights = normal(layer.weights.count, deviation, &random)
        layer.bias = zeros(layer.bias.count)
        graph.nodes[index].operation = .conv2D(layer)
      case .depthwiseConv2D(var layer):
        let fan = layer.kernel.count * layer.multiplier
        layer.weights = normal(layer.weights.count, (2 / Double(fan)).squareRoot(), &random)
        layer.bias = zeros(layer.bias.count)
        graph.nodes[index].operation = .depthwiseConv2D(layer)
      case .fullyConnected(var layer):
        layer.weights = normal(layer.weights.count, 0.01, &random)
        layer.bias = zeros(layer.bias.count)
        graph.nodes[index].operation = .fullyConnected(layer)
      case .batchNormalization, .activation, .add, .multiply, .averagePool, .maxPool,
        .globalAveragePool, .pad, .reshape, .softmax, .logSoftmax, .prelu, .concatenate, .rearrange,
        .resize, .transposedConv2D, .fakeQuantize:
        break
      }
    }
    return graph
  }

  /// Batch normalizations of `graph` that have learned nothing, by node.
  package static func normalizations(_ graph: Graph, epsilon: Float) -> [String: Normalization] {
    var found: [String: Normalization] = [:]
    for node in graph.nodes {
      guard case .batchNormalization(let layer) = node.operation else { continue }
      found[node.name] = Normalization(channels: layer.scale.count, epsilon: epsilon)
    }
    return found
  }

  private func zeros(_ count: Int) -> [Float] { [Float](repeating: 0, count: count) }

  /// Source: Box and Muller, "A note on the generation of random normal deviates", 1958.
  private func normal(_ count: Int, _ deviation: Double, _ random: inout SplitMix64) -> [Float] {
    (0..<count).map { _ in
      let radius = (-2 * log(1 - random.real(in: 0...0x1.fffffep-1))).squareRoot()
      return Float(deviation * radius * cos(2 * .pi * random.real(in: 0...1)))
    }
  }
}
