internal import NetworkGraph

/// An activation that the layer that makes its input takes over: as a clamp where it only cuts,
/// as a curve otherwise.
struct Fusion {
  /// The position of the activation's node.
  let node: Int
  let activation: Activation
  /// The tensor that the activation writes.
  let output: Int
}

extension Graph {
  /// The activations that are no layers of their own, by the position of the node that takes each
  /// over, where nothing else reads the value before it.
  ///
  /// - Parameter hasCurve: Whether a tensor keeps 16 bits in front of a curve, by tensor index.
  func fusions(hasCurve: [Bool]) -> [Int: Fusion] {
    var fusions: [Int: Fusion] = [:]
    for (position, node) in nodes.enumerated() {
      guard case .activation(let activation) = node.operation,
        node.inputs[0] != output, consumers(of: node.inputs[0]).count == 1,
        let producer = producer(of: node.inputs[0])
      else { continue }
      let stage = nodes[producer].operation.quantizable.outputStage
      guard
        activation.clamp != nil
          ? stage != .codes : hasCurve[node.inputs[0]] && stage == .sums
      else { continue }
      fusions[producer] = Fusion(node: position, activation: activation, output: node.output)
    }
    return fusions
  }
}
