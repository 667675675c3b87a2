package import NetworkGraph
internal import Tensors

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
        let divided = equalized.graph.nodes[producer].operation.quantizable.dividingOutputs(
          by: factors)
      {
        equalized.graph.nodes[producer].operation = divided
      }
      for consumer in consumers {
        let operation = equalized.graph.nodes[consumer].operation
        if let scaled = operation.quantizable.multiplyingInputs(by: factors) {
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
    guard !graph.inputs.contains(tensor), !graph.outputs.contains(tensor),
      let producer = graph.producer(of: tensor),
      graph.nodes[producer].operation.quantizable.writesChains
    else { return false }
    return graph.consumers(of: tensor).allSatisfy {
      graph.nodes[$0].operation.quantizable.readsChains
    }
  }
}

/// A graph whose tensors were rescaled channel by channel, with the function that it had.
package struct EqualizedGraph {
  package internal(set) var graph: Graph
  /// What to multiply channel `c` of a tensor by to get the original graph's, by tensor index;
  /// `nil` for tensors that are as they were.
  package private(set) var factors: [[Double]?]

  /// `graph` as it is.
  init(_ graph: Graph) {
    self.graph = graph
    factors = [[Double]?](repeating: nil, count: graph.tensors.count)
  }

  /// Notes that the channels of `tensor` were divided by `divisors`.
  mutating func note(_ tensor: Int, dividedBy divisors: [Double]) {
    factors[tensor] = factors[tensor].map { zip($0, divisors).map(*) } ?? divisors
  }
}

/// Gives the channels of every tensor that only a depthwise convolution reads the same largest
/// magnitude, so that the quiet ones get as many codes as the loud ones.
///
/// The producer's weights are divided by `k[c] = max(a[c] / A, 1/64)`, the depthwise weights, which
/// have a scale a channel anyway, multiplied by it; `a[c]` is the largest magnitude of channel `c`
/// on the calibration images and `A` the largest of all. ReLU and leaky ReLU commute with a positive factor.
/// ReLU6 keeps its bound of 6, which no value seen exceeds after the division either.
enum DepthwiseEqualization {
  /// Quieter channels than this share of the loudest are raised no further.
  private static let quietest = 1.0 / 64

  /// The largest of fewer values says little about the values to come: they would leave the range,
  /// in quiet channels as often as in the loudest.
  private static let leastValues = 2048

  /// - Parameters:
  ///   - channelMagnitude: The largest magnitude of each channel, by tensor index.
  ///   - valuesPerChannel: How many values it is the largest of, by tensor index.
  static func apply(
    to equalized: inout EqualizedGraph, channelMagnitude: [[Double]], valuesPerChannel: [Int]
  ) {
    for (position, node) in equalized.graph.nodes.enumerated() {
      guard case .depthwiseConv2D = node.operation,
        let (producer, tensors) = producer(of: node, in: equalized.graph)
      else { continue }
      let magnitudes = channelMagnitude[node.inputs[0]]
      guard let loudest = magnitudes.max(), loudest > 0 else { continue }
      guard valuesPerChannel[node.inputs[0]] >= leastValues else { continue }
      let factors = magnitudes.map { max($0 / loudest, quietest) }
      let operations = equalized.graph.nodes.map(\.operation)
      guard let divided = operations[producer].quantizable.dividingOutputs(by: factors),
        let multiplied = operations[position].quantizable.multiplyingInputs(by: factors)
      else { continue }
      equalized.graph.nodes[producer].operation = divided
      equalized.graph.nodes[position].operation = multiplied
      for tensor in tensors { equalized.note(tensor, dividedBy: factors) }
    }
  }

  /// The node with weights whose output reaches `node` alone, through ReLU or its like or nothing,
  /// and the tensors between the two.
  private static func producer(of node: Node, in graph: Graph) -> (node: Int, tensors: [Int])? {
    var tensors = [node.inputs[0]]
    while let tensor = tensors.last, graph.consumers(of: tensor).count == 1,
      !graph.outputs.contains(tensor), let position = graph.producer(of: tensor)
    {
      guard case .activation(let activation) = graph.nodes[position].operation else {
        return (position, tensors)
      }
      guard activation.passesFactors else { return nil }
      tensors.append(graph.nodes[position].inputs[0])
    }
    return nil
  }
}
