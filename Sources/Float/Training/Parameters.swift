private import Glibc
package import NetworkGraph
internal import Tensors

/// What training changes of a network, in one piece of memory: weights, biases, and the scales and
/// offsets of batch normalizations; beside them the statistics that normalizations gather.
package final class Parameters {
  /// One array of trained values.
  package struct Parameter: Hashable, Sendable {
    /// The node's name and what it is of the node: `features.0.0 kernel`.
    package let name: String
    package let range: Range<Int>
    /// Whether weight decay pulls at it: at kernels alone.
    package let decays: Bool
  }

  package private(set) var list: [Parameter] = []
  package private(set) var values = Floats(0)
  package private(set) var gradients = Floats(0)
  /// Running means and variances.
  package private(set) var statistics = Floats(0)
  private var initialValues: [Float] = []
  private var initialStatistics: [Float] = []

  /// Adds trained values before `allocate` and returns where they lie.
  func add(_ name: String, _ initial: [Float], decays: Bool) -> Range<Int> {
    let range = initialValues.count..<initialValues.count + initial.count
    list.append(Parameter(name: name, range: range, decays: decays))
    initialValues += initial
    return range
  }

  /// Adds gathered values before `allocate` and returns where they lie.
  func addStatistics(_ initial: [Float]) -> Range<Int> {
    let range = initialStatistics.count..<initialStatistics.count + initial.count
    initialStatistics += initial
    return range
  }

  /// Makes the memory when all are known.
  func allocate() {
    values = Floats(initialValues)
    gradients = Floats(initialValues.count)
    statistics = Floats(initialStatistics)
    (initialValues, initialStatistics) = ([], [])
  }

  /// Takes the trained values of `other`, all of which have names that are known here.
  func take(_ other: Parameters) {
    let ranges = Dictionary(list.map { ($0.name, $0.range) }) { first, _ in first }
    for parameter in other.list {
      guard let range = ranges[parameter.name], range.count == parameter.range.count else {
        preconditionFailure("no parameter '\(parameter.name)'")
      }
      (values.start + range.lowerBound).update(
        from: other.values.start + parameter.range.lowerBound, count: range.count)
    }
  }

  /// Where the values of a node lie: its `kernel`, `bias` or `steps`, or the `range` of a tensor, in
  /// the order of the operation. None where it has no such parameters.
  package func ranges(_ name: String, _ kind: String, groups: Int = 1) -> [Range<Int>] {
    let names =
      groups == 1
      ? ["\(name) \(kind)"] : (0..<groups).map { "\(name) group \($0) \(kind)" }
    return names.flatMap { name in list.filter { $0.name == name }.map(\.range) }
  }

  func values(_ range: Range<Int>) -> [Float] {
    Array(UnsafeBufferPointer(start: values.start + range.lowerBound, count: range.count))
  }

  func statistics(_ range: Range<Int>) -> [Float] {
    Array(UnsafeBufferPointer(start: statistics.start + range.lowerBound, count: range.count))
  }
}

/// Floats at one place in memory, on a line of the processor's cache. Zero at first.
package final class Floats: @unchecked Sendable {
  package let start: UnsafeMutablePointer<Float>
  package let count: Int

  package init(_ count: Int) {
    self.count = count
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: 64)
    start = memory.bindMemory(to: Float.self, capacity: max(1, count))
    start.initialize(repeating: 0, count: max(1, count))
  }

  convenience init(_ values: [Float]) {
    self.init(values.count)
    set(values)
  }

  package subscript(index: Int) -> Float {
    precondition((0..<count).contains(index), "index \(index) of \(count)")
    return start[index]
  }

  deinit { start.deallocate() }

  package var array: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }

  func set(_ values: [Float]) {
    precondition(values.count == count)
    values.withUnsafeBufferPointer { values in
      guard let first = values.baseAddress else { return }
      start.update(from: first, count: count)
    }
  }

  /// Takes the values of `other`, as many as these.
  package func copy(_ other: Floats) {
    precondition(other.count == count)
    start.update(from: other.start, count: count)
  }

  func clear() { start.update(repeating: 0, count: count) }
}

/// Buffers of gradients that come and go during one step: those of activations that nobody needs any
/// more, and its own where none of these is large enough.
final class FloatPool {
  private var free: [Floats] = []
  private var lent: Set<ObjectIdentifier> = []

  /// The smallest that has room for `count` values, which may be anything.
  func take(_ count: Int) -> Floats {
    let fitting = free.indices.filter { free[$0].count >= count }
    guard let best = fitting.min(by: { free[$0].count < free[$1].count }) else {
      return Floats(count)
    }
    return free.remove(at: best)
  }

  func give(_ floats: Floats) { free.append(floats) }

  /// Gives another's floats until `recall`.
  func lend(_ floats: Floats) {
    lent.insert(ObjectIdentifier(floats))
    give(floats)
  }

  /// Leaves all floats that were lent.
  func recall() {
    free.removeAll { lent.contains(ObjectIdentifier($0)) }
    lent = []
  }
}

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
