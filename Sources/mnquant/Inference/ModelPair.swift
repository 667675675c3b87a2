internal import Datasets
internal import Evaluation
internal import NetworkGraph
internal import QuantizedIR

/// A float network and the int8 model made from it.
struct ModelPair {
  let graph: Graph
  let int8: QuantizedModel

  /// Runs both on `limit` of `images`, or all, and shows how far it has come.
  func compare(_ images: Dataset, _ limit: Int?, threads: Int) async throws -> ComparisonResult {
    let meter = ProgressMeter("compare")
    return try await Comparison(graph, int8).run(
      images, at: images.evenlySpaced(limit ?? images.count), threads: threads
    ) { meter.update(done: $0, total: $1) }
  }

  /// Runs each int8 layer by itself on `count` of `images`.
  func ownErrors(_ images: Dataset, _ count: Int, threads: Int) async throws -> [LayerError] {
    let meter = ProgressMeter("layers")
    return try await OwnErrors(graph, int8).run(
      images, at: images.evenlySpaced(count), threads: threads
    ) { meter.update(done: $0, total: $1) }
  }
}
