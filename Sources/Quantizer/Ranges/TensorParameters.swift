internal import NetworkGraph
internal import Tensors

/// Chooses scale and zero point of every tensor of a graph.
struct TensorParameters {
  /// By tensor index.
  let values: [AffineParameters]

  /// - Parameter ranges: The calibrated range of a tensor by name.
  init(
    _ graph: Graph, recipe: Recipe, ranges: (String) -> ClosedRange<Double>?
  ) throws(QuantizationError) {
    var values = [AffineParameters?](repeating: nil, count: graph.tensors.count)
    values[graph.input] = try Self.input(of: graph, ranges: ranges)
    for node in graph.nodes {
      switch node.operation {
      case .averagePool, .maxPool, .pad, .reshape: values[node.output] = values[node.inputs[0]]
      case .softmax, .activation(.hardSigmoid), .activation(.logistic):
        values[node.output] = .unitInterval
      case .conv2D, .depthwiseConv2D, .fullyConnected, .batchNormalization, .add, .multiply,
        .globalAveragePool, .activation(.relu), .activation(.relu6), .activation(.hardSwish):
        var range = try Self.range(of: graph.tensors[node.output].name, ranges)
        if recipe.clampsTableInputs, let active = graph.activeRange(of: node.output) {
          range =
            max(
              range.lowerBound, active.lowerBound)...max(
              max(range.lowerBound, active.lowerBound), min(range.upperBound, active.upperBound))
        }
        values[node.output] = AffineParameters(covering: range)
      }
    }
    self.values = values.map { $0 ?? .unitInterval }
  }

  /// The input's range follows from the preprocessing of pixels 0 and 255: no image can leave it.
  private static func input(
    of graph: Graph, ranges: (String) -> ClosedRange<Double>?
  ) throws(QuantizationError) -> AffineParameters {
    let preprocessing = graph.preprocessing
    let ends = preprocessing.mean.indices.flatMap { channel in
      [UInt8(0), 255].map { Double(preprocessing.real($0, channel: channel)) }
    }
    guard let lower = ends.min(), let upper = ends.max() else {
      return AffineParameters(covering: try range(of: graph.tensors[graph.input].name, ranges))
    }
    return AffineParameters(covering: lower...upper)
  }

  private static func range(
    of tensor: String, _ ranges: (String) -> ClosedRange<Double>?
  ) throws(QuantizationError) -> ClosedRange<Double> {
    guard let range = ranges(tensor) else { throw .missingRange(tensor: tensor) }
    guard range.lowerBound.isFinite, range.upperBound.isFinite else {
      throw .invalidRange(tensor: tensor, lower: range.lowerBound, upper: range.upperBound)
    }
    return range
  }
}

extension Graph {
  /// The inputs that matter to the one activation that reads `tensor`; `nil` where anything else
  /// reads it.
  fileprivate func activeRange(of tensor: Int) -> ClosedRange<Double>? {
    let readers = consumers(of: tensor)
    guard readers.count == 1, tensor != output,
      case .activation(let activation) = nodes[readers[0]].operation
    else { return nil }
    return activation.activeInputs
  }
}
