internal import NetworkGraph
internal import Tensors

/// In which order nodes run, and where in the arena their outputs lie.
struct Schedule: Sendable {
  /// One node's run, with the clamp that follows it where the two are one.
  struct Step: Sendable {
    let node: Int
    /// The tensor written: the clamp's, where there is one.
    let output: Int
    let clamp: Clamp
  }

  private(set) var steps: [Step] = []
  /// By tensor; -1 for a tensor that never exists.
  private(set) var offsets: [Int]
  /// How many values live side by side at most.
  private(set) var arenaCount = 0

  /// Plans `graph`. With `fusingClamps`, a relu that alone reads a node's output becomes part of
  /// that node, and the tensor between them never exists.
  init(_ graph: Graph, fusingClamps: Bool) {
    offsets = [Int](repeating: -1, count: graph.tensors.count)
    var done: Set<Int> = []
    for (index, node) in graph.nodes.enumerated() where !done.contains(index) {
      if fusingClamps, let (next, clamp) = Self.clamp(after: node, graph) {
        done.insert(next)
        steps.append(Step(node: index, output: graph.nodes[next].output, clamp: clamp))
      } else {
        steps.append(Step(node: index, output: node.output, clamp: .none))
      }
    }
    place(graph)
  }

  /// The node that only cuts the output of `node`, and its bounds.
  private static func clamp(after node: Node, _ graph: Graph) -> (node: Int, clamp: Clamp)? {
    let consumers = graph.consumers(of: node.output)
    guard Kernel.canClamp(node.operation), node.output != graph.output, consumers.count == 1,
      case .activation(let activation) = graph.nodes[consumers[0]].operation,
      let bounds = activation.clamp
    else { return nil }
    return (consumers[0], Clamp(bounds))
  }

  /// Gives every tensor the lowest place that is free from its first write to its last read.
  private mutating func place(_ graph: Graph) {
    var lastStep = [Int](repeating: -1, count: graph.tensors.count)
    for (index, step) in steps.enumerated() {
      lastStep[step.output] = index
      for input in graph.nodes[step.node].inputs { lastStep[input] = index }
    }
    lastStep[graph.output] = steps.count
    var living: [(tensor: Int, places: Range<Int>)] = []
    func place(_ tensor: Int) {
      // A cache line is 16 values.
      let count = (graph.tensors[tensor].shape.count + 15) / 16 * 16
      var offset = 0
      for other in living where other.places.overlaps(offset..<offset + count) {
        offset = other.places.upperBound
      }
      offsets[tensor] = offset
      arenaCount = max(arenaCount, offset + count)
      living.append((tensor, offset..<offset + count))
      living.sort { $0.places.lowerBound < $1.places.lowerBound }
    }
    place(graph.input)
    for (index, step) in steps.enumerated() {
      living.removeAll { lastStep[$0.tensor] < index }
      place(step.output)
    }
  }
}
