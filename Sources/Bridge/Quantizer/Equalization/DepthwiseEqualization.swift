internal import NetworkGraph
internal import Tensors

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
