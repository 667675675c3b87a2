package import Datasets
package import Evaluation

extension Dataset {
  /// Checks that accuracy can be told on these images.
  ///
  /// - Throws: `ImagesProblem.noLabels`.
  package func requireLabels() throws(PipelineError) {
    guard label(at: 0) != nil else { throw .images(.noLabels(path: path)) }
  }
}

extension Pipeline {
  /// Runs both networks of `pair` on `limit` of `images`, spread evenly, or on all.
  package func compare(
    _ pair: ModelPair, on images: Dataset, limit: Int? = nil
  ) async throws(PipelineError) -> ComparisonResult {
    let indices = images.evenlySpaced(limit ?? images.count)
    let meter = meter("compare", of: indices.count)
    return try await PipelineError.naming(images.path) {
      try await Comparison(pair.graph, pair.int8).run(
        images, at: indices, threads: threads, progress: meter)
    }
  }

  /// Runs each int8 layer of `pair` by itself, the float network's activations being its inputs, on
  /// `count` of `images`, spread evenly: one entry a layer that has a float counterpart, in execution
  /// order.
  package func layerErrors(
    _ pair: ModelPair, on images: Dataset, count: Int
  ) async throws(PipelineError) -> [LayerError] {
    let indices = images.evenlySpaced(count)
    let meter = meter("layers", of: indices.count)
    return try await PipelineError.naming(images.path) {
      try await OwnErrors(pair.graph, pair.int8).run(
        images, at: indices, threads: threads, progress: meter)
    }
  }
}
