internal import Datasets
internal import Evaluation
internal import NetworkGraph
internal import QuantizedIR

/// A float network and the int8 model made from it.
struct ModelPair {
  var graph: Graph
  let int8: QuantizedModel
  /// The float model's file; `nil` where it does not matter.
  var floatModel: LoadedModel?

  /// The same models for pictures that come to size as `options` say.
  func sized(_ options: SizeOptions) -> ModelPair {
    var pixels = PixelHandling(graph)
    options.apply(to: &pixels)
    var sized = self
    sized.graph.preprocessing = pixels.preprocessing
    sized.graph.preprocessingOrigins = pixels.origins
    return sized
  }

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
