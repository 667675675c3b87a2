extension Graph {
  /// The node that writes `tensor`; `nil` for the input.
  func source(of tensor: Int) -> Node? { producer(of: tensor).map { nodes[$0] } }

  /// Removes the node at `position`; whoever read its output, the caller included, reads its first
  /// input instead.
  mutating func bypass(_ position: Int) {
    let node = nodes.remove(at: position)
    for reader in nodes.indices {
      nodes[reader].inputs = nodes[reader].inputs.map { $0 == node.output ? node.inputs[0] : $0 }
    }
    if output == node.output { output = node.inputs[0] }
  }

  /// Removes nodes whose output nobody reads, then tensors that no node names.
  mutating func prune() {
    var read: Set<Int> = [output]
    for position in nodes.indices.reversed() {
      if read.contains(nodes[position].output) {
        read.formUnion(nodes[position].inputs)
      } else {
        nodes.remove(at: position)
      }
    }
    let kept = tensors.indices.filter { read.contains($0) || $0 == input }
    let renumbered = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    func new(_ tensor: Int) -> Int {
      guard let index = renumbered[tensor] else {
        preconditionFailure("tensor \(tensor) is read and was not kept")
      }
      return index
    }
    for position in nodes.indices {
      nodes[position].inputs = nodes[position].inputs.map(new)
      nodes[position].output = new(nodes[position].output)
    }
    (input, output) = (new(input), new(output))
    tensors = kept.map { tensors[$0] }
  }
}
