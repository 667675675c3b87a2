internal import NetworkGraph
internal import Tensors

/// In which order nodes run, and where in the arena their outputs lie.
struct Schedule: Sendable {
  /// One node's run, with the activation that follows it where the two are one.
  struct Step: Sendable {
    let node: Int
    let inputs: [Int]
    /// The tensor written: the activation's, where there is one.
    let output: Int
    let ending: Ending
  }

  private(set) var steps: [Step] = []
  /// By tensor; empty for a tensor that never exists.
  private(set) var places: [Range<Int>]
  /// How many values live side by side at most: a multiple of 16, as every place's beginning.
  private(set) var arenaCount = 0

  /// Plans `graph`. With `fusingActivations`, one that alone reads a node's output becomes part of
  /// that node where its kernel knows how, and the tensor between them never exists.
  init(_ graph: Graph, fusingActivations: Bool) {
    places = [Range<Int>](repeating: 0..<0, count: graph.tensors.count)
    var done: Set<Int> = []
    for (index, node) in graph.nodes.enumerated() where !done.contains(index) {
      let next = fusingActivations ? Self.ending(of: node, graph) : nil
      if let next { done.insert(next.node) }
      steps.append(
        Step(
          node: index, inputs: node.inputs,
          output: next.map { graph.nodes[$0.node].output } ?? node.output,
          ending: next?.ending ?? .nothing))
    }
    place(graph)
  }

  /// The node that can be the end of `node`.
  private static func ending(of node: Node, _ graph: Graph) -> (node: Int, ending: Ending)? {
    let consumers = graph.consumers(of: node.output)
    guard !graph.outputs.contains(node.output), consumers.count == 1,
      case .activation(let activation) = graph.nodes[consumers[0]].operation,
      let ending = node.operation.float.ending(activation)
    else { return nil }
    return (consumers[0], ending)
  }

  /// Gives every tensor the lowest place that is free from its first write to its last read.
  private mutating func place(_ graph: Graph) {
    var lastStep = [Int](repeating: -1, count: graph.tensors.count)
    for (index, step) in steps.enumerated() {
      lastStep[step.output] = index
      for input in graph.nodes[step.node].inputs { lastStep[input] = index }
    }
    for output in graph.outputs { lastStep[output] = steps.count }
    var living: [(tensor: Int, places: Range<Int>)] = []
    func place(_ tensor: Int) {
      let values = graph.tensors[tensor].shape.count
      // A cache line is 16 values.
      let count = (values + 15) / 16 * 16
      var offset = 0
      for other in living where other.places.overlaps(offset..<offset + count) {
        offset = other.places.upperBound
      }
      places[tensor] = offset..<offset + values
      arenaCount = max(arenaCount, offset + count)
      living.append((tensor, offset..<offset + count))
      living.sort { $0.places.lowerBound < $1.places.lowerBound }
    }
    graph.inputs.forEach(place)
    for (index, step) in steps.enumerated() {
      living.removeAll { lastStep[$0.tensor] < index }
      place(step.output)
    }
  }
}

/// The memory in which one thread runs a network, image after image.
package struct Arena: ~Copyable {
  private let storage: UnsafeMutableBufferPointer<Float>
  private let activationCount: Int

  /// Memory for `activations` values, a multiple of 16, that live side by side and `scratch` that a
  /// kernel needs.
  init(activations: Int, scratch: Int) {
    let count = activations + scratch
    storage = UnsafeMutableBufferPointer(start: .allocateLines(count: count), count: count)
    activationCount = activations
  }

  deinit { storage.deallocate() }

  func values(at place: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
    precondition(place.lowerBound >= 0 && place.upperBound <= activationCount)
    return UnsafeMutableBufferPointer(rebasing: storage[place])
  }

  var scratch: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: storage[activationCount...])
  }
}

/// Weights as a kernel reads them, from the beginning of a cache line: a vector that lies in two lines
/// takes twice as long to load.
final class PackedWeights: Sendable {
  nonisolated(unsafe) let values: UnsafePointer<Float>

  /// Memory for `count` values, which `pack` writes.
  init(count: Int, pack: (UnsafeMutablePointer<Float>) -> Void) {
    let memory = UnsafeMutablePointer<Float>.allocateLines(count: count)
    pack(memory)
    values = UnsafePointer(memory)
  }

  deinit { values.deallocate() }
}

extension UnsafeMutablePointer<Float> {
  /// `count` zeros, from the beginning of a cache line.
  static func allocateLines(count: Int) -> Self {
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: 64)
    return bytes.initializeMemory(as: Float.self, repeating: 0, count: count)
  }
}
