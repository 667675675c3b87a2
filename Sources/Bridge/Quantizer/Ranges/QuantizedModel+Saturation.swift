internal import Calibration
internal import NetworkGraph
internal import QuantizedIR

extension QuantizedModel {
  /// Of every layer, the share of the float network's values more than half a step beyond what the
  /// codes can express.
  ///
  /// - Parameters:
  ///   - graph: What this model was made from, after the passes that rescale it.
  ///   - statistics: What was seen of it, by tensor index.
  func saturation(
    _ graph: Graph, _ statistics: [TensorStatistics]
  ) -> [(layer: String, share: Double)] {
    let byName = Dictionary(
      zip(graph.tensors.map(\.name), statistics), uniquingKeysWith: { first, _ in first })
    return layers.compactMap { layer in
      let tensor = tensors[layer.output]
      guard let values = byName[tensor.name]?.histogram else { return nil }
      let half = tensor.scale / 2
      return (
        layer.name,
        values.share(outside: tensor.covered.lowerBound - half...tensor.covered.upperBound + half)
      )
    }
  }
}
