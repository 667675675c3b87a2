internal import NetworkGraph

/// Brings the channels of linear tensors that residual sums join closer together: what one block
/// adds to the next shares a scale, and every reader is a dense convolution that can undo a factor
/// by channel.
///
/// Producers are divided by `k[c] = sqrt(max(a[c] / A, 1/64))`, readers' columns multiplied by it;
/// `a[c]` is the largest magnitude of channel `c` in any tensor of the group.
enum ChainEqualization {
  /// Quieter channels than this share of the loudest count as this quiet.
  private static let quietest = 1.0 / 64

  /// - Parameter channelMagnitude: The largest magnitude of each channel, by tensor index.
  static func apply(to equalized: inout EqualizedGraph, channelMagnitude: [[Double]]) {
    for group in groups(of: equalized.graph) {
      let channels = channelMagnitude[group[0]].count
      guard group.allSatisfy({ channelMagnitude[$0].count == channels }) else { continue }
      let magnitudes = (0..<channels).map { c in group.map { channelMagnitude[$0][c] }.max() ?? 0 }
      guard let loudest = magnitudes.max(), loudest > 0 else { continue }
      let factors = magnitudes.map { max($0 / loudest, quietest).squareRoot() }
      rescale(group, by: factors, in: &equalized)
    }
  }

  private static func rescale(
    _ group: [Int], by factors: [Double], in equalized: inout EqualizedGraph
  ) {
    for tensor in group {
      let (producer, consumers) = (
        equalized.graph.producer(of: tensor), equalized.graph.consumers(of: tensor)
      )
      if let producer,
        let divided = equalized.graph.nodes[producer].operation.dividingOutputs(by: factors)
      {
        equalized.graph.nodes[producer].operation = divided
      }
      for consumer in consumers {
        let operation = equalized.graph.nodes[consumer].operation
        if let scaled = operation.multiplyingInputs(by: factors) {
          equalized.graph.nodes[consumer].operation = scaled
        }
      }
      equalized.note(tensor, dividedBy: factors)
    }
  }

  /// The tensors that sums join, of those groups in which every producer and reader can carry a
  /// factor by channel.
  private static func groups(of graph: Graph) -> [[Int]] {
    var root = Array(graph.tensors.indices)
    func find(_ tensor: Int) -> Int { root[tensor] == tensor ? tensor : find(root[tensor]) }
    for node in graph.nodes where node.operation == .add {
      for input in node.inputs { root[find(input)] = find(node.output) }
    }
    return Dictionary(grouping: graph.tensors.indices, by: find).sorted { $0.key < $1.key }
      .map(\.value).filter { $0.allSatisfy { isScalable($0, in: graph) } }
  }

  private static func isScalable(_ tensor: Int, in graph: Graph) -> Bool {
    guard tensor != graph.input, tensor != graph.output,
      let producer = graph.producer(of: tensor), isLinear(graph.nodes[producer].operation)
    else { return false }
    return graph.consumers(of: tensor).allSatisfy { consumer in
      switch graph.nodes[consumer].operation {
      case .conv2D(let conv): conv.groups == 1
      case .add: true
      case .depthwiseConv2D, .fullyConnected, .batchNormalization, .activation, .multiply,
        .averagePool, .maxPool, .globalAveragePool, .pad, .reshape, .softmax:
        false
      }
    }
  }

  private static func isLinear(_ operation: Operator) -> Bool {
    switch operation {
    case .conv2D, .depthwiseConv2D, .add: true
    case .fullyConnected, .batchNormalization, .activation, .multiply, .averagePool, .maxPool,
      .globalAveragePool, .pad, .reshape, .softmax:
      false
    }
  }
}
