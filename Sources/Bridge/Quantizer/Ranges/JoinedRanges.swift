internal import NetworkGraph

/// One range for the operands and the output of a concatenation, where no other reader needs an
/// operand's own: then nothing has to bring codes from one scale to another.
///
/// Parts that are read by concatenations alone lose nothing, since their codes in the output have the
/// output's scale anyway. What others read keeps its range, and a table stands in front of the copy.
struct JoinedRanges {
  private let graph: Graph
  /// By tensor index: another of the same group, or itself.
  private var leaders: [Int]

  init(_ graph: Graph) {
    self.graph = graph
    leaders = Array(graph.tensors.indices)
    for node in graph.nodes {
      guard case .concatenate = node.operation else { continue }
      for input in node.inputs {
        let origin = origin(of: input)
        guard isMovedOnly(origin) else { continue }
        leaders[leader(of: origin)] = leader(of: node.output)
      }
    }
  }

  /// `ranges`, by tensor index, where each group has what its members cover together.
  func applied(to ranges: [ClosedRange<Double>]) -> [ClosedRange<Double>] {
    let groups = Dictionary(grouping: ranges.indices, by: leader).values.filter { $0.count > 1 }
    var joined = ranges
    for group in groups {
      let lower = group.map { ranges[$0].lowerBound }.min() ?? 0
      let upper = group.map { ranges[$0].upperBound }.max() ?? 0
      // Ends that are no numbers are left for others to find.
      guard lower <= upper else { continue }
      for tensor in group { joined[tensor] = lower...upper }
    }
    return joined
  }

  /// Whether `tensor` shares its range with no other.
  func isAlone(_ tensor: Int) -> Bool {
    leader(of: tensor) == tensor
      && !leaders.indices.contains { $0 != tensor && leader(of: $0) == tensor }
  }

  private func leader(of tensor: Int) -> Int {
    var tensor = tensor
    while leaders[tensor] != tensor { tensor = leaders[tensor] }
    return tensor
  }

  /// The tensor that decides on the codes of `tensor`.
  private func origin(of tensor: Int) -> Int {
    guard let producer = graph.producer(of: tensor),
      graph.nodes[producer].operation.quantizable.outputCodes == .ofInput
    else { return tensor }
    return origin(of: graph.nodes[producer].inputs[0])
  }

  /// Whether a range learned for `tensor` ends up in concatenations and nowhere else.
  private func isMovedOnly(_ tensor: Int) -> Bool {
    guard let producer = graph.producer(of: tensor),
      graph.nodes[producer].operation.quantizable.outputCodes == .learned
    else { return false }
    return isReadByMoves(tensor)
  }

  private func isReadByMoves(_ tensor: Int) -> Bool {
    guard tensor != graph.output else { return false }
    return graph.consumers(of: tensor).allSatisfy { reader in
      let node = graph.nodes[reader]
      if case .concatenate = node.operation { return true }
      return node.operation.quantizable.outputCodes == .ofInput && isReadByMoves(node.output)
    }
  }
}
