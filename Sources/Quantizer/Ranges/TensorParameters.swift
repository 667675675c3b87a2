internal import NetworkGraph
internal import Tensors

/// Chooses scale and zero point of every tensor of a graph.
struct TensorParameters {
  /// By tensor index.
  let values: [AffineParameters]

  init(_ graph: Graph, _ evidence: Evidence) throws(QuantizationError) {
    var values = [AffineParameters?](repeating: nil, count: graph.tensors.count)
    values[graph.input] = try Self.input(of: graph, evidence)
    for node in graph.nodes {
      switch node.operation {
      case .averagePool, .maxPool, .pad, .reshape: values[node.output] = values[node.inputs[0]]
      case .softmax, .activation(.hardSigmoid), .activation(.logistic):
        values[node.output] = .unitInterval
      case .conv2D, .depthwiseConv2D, .fullyConnected, .batchNormalization, .add, .multiply,
        .globalAveragePool, .activation(.relu), .activation(.relu6), .activation(.hardSwish):
        let range = try Self.range(of: node.output, graph, evidence)
        values[node.output] =
          evidence.wideRanges[node.output].map(AffineParameters.init(wideCovering:))
          ?? AffineParameters(covering: range)
      }
    }
    self.values = values.map { $0 ?? .unitInterval }
  }

  /// The input's range follows from the preprocessing of pixels 0 and 255: no image can leave it.
  private static func input(
    of graph: Graph, _ evidence: Evidence
  ) throws(QuantizationError) -> AffineParameters {
    let preprocessing = graph.preprocessing
    let ends = preprocessing.mean.indices.flatMap { channel in
      [UInt8(0), 255].map { Double(preprocessing.real($0, channel: channel)) }
    }
    guard let lower = ends.min(), let upper = ends.max() else {
      return AffineParameters(covering: try range(of: graph.input, graph, evidence))
    }
    return AffineParameters(covering: lower...upper)
  }

  private static func range(
    of tensor: Int, _ graph: Graph, _ evidence: Evidence
  ) throws(QuantizationError) -> ClosedRange<Double> {
    let range = evidence.ranges[tensor]
    guard range.lowerBound.isFinite, range.upperBound.isFinite else {
      throw .invalidRange(
        tensor: graph.tensors[tensor].name, lower: range.lowerBound, upper: range.upperBound)
    }
    return range
  }
}
