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
  /// Where calibration saw other inputs, or the network takes no pixels, it is what was seen.
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
    guard evidence.widensInput else { return AffineParameters(covering: lower...upper) }
    let seen = try range(of: graph.input, graph, evidence)
    // Half a pixel step beyond, where only float32's rounding leads, costs nothing.
    let step = (upper - lower) / 255
    guard seen.lowerBound < lower - step / 2 || seen.upperBound > upper + step / 2 else {
      return AffineParameters(covering: lower...upper)
    }
    return AffineParameters(
      covering: min(lower, seen.lowerBound)...max(upper, seen.upperBound))
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
