internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Graph {
  /// The tensors that may have 16-bit codes: neither input nor output of the network, written and
  /// read by layers with a 16-bit form alone. One that is only reshaped stands for all its shapes.
  ///
  /// - Parameter fusions: The activations that are no layers of their own.
  func wideCandidates(_ fusions: [Int: Fusion]) -> [Int] {
    let fused = Set(fusions.values.map(\.node))
    return nodes.indices.compactMap { position in
      let node = nodes[position]
      let tensor = fusions[position]?.output ?? node.output
      guard !fused.contains(position), node.operation.hasWideForm, !isReshape(position),
        hasWideReaders(tensor)
      else { return nil }
      return tensor
    }
  }

  /// `tensor` and every tensor that is the same values in another shape.
  func shapes(of tensor: Int) -> [Int] {
    [tensor] + consumers(of: tensor).filter(isReshape).flatMap { shapes(of: nodes[$0].output) }
  }

  private func isReshape(_ position: Int) -> Bool {
    if case .reshape = nodes[position].operation { true } else { false }
  }

  private func hasWideReaders(_ tensor: Int) -> Bool {
    tensor != output
      && consumers(of: tensor).allSatisfy { reader in
        if isReshape(reader) { return hasWideReaders(nodes[reader].output) }
        if case .globalAveragePool = nodes[reader].operation {
          return tensors[tensor].shape.extent.count <= Wide.mostPixels
        }
        return nodes[reader].operation.hasWideForm
      }
  }
}

extension Operator {
  /// Whether the layer that it becomes can read and write 16-bit codes.
  fileprivate var hasWideForm: Bool {
    switch self {
    case .conv2D, .depthwiseConv2D, .fullyConnected, .batchNormalization, .add, .multiply,
      .globalAveragePool:
      true
    case .activation, .averagePool, .maxPool, .pad, .reshape, .softmax: false
    }
  }
}
