package import Datasets
package import Decoders
package import Evaluation
package import NetworkGraph

extension Pipeline {
  /// The pictures in the folder of `source` that COCO's JSON lists, at the size that `graph` takes, of
  /// which `count` will be sampled, or all; and the labels.
  ///
  /// - Parameter file: The labels; `nil` for those that lie in the folder.
  package func labeledImages(
    _ source: DataSource, _ split: Dataset.Split, labels file: String?, for graph: Graph,
    sampling count: Int? = nil
  ) throws(PipelineError) -> (images: Dataset, labels: COCOLabels) {
    try PipelineError.naming(source.path) {
      let (images, labels) = try DatasetReader.open(source.path, split: split, objects: file)
      let readable = try readable(images, sampling: count)
      return (try readable.fitted(graph.preprocessing, inputShape: graph.inputShape), labels)
    }
  }

  /// What both networks of `pair` see in `limit` of `images`, spread evenly, or in all.
  package func compare(
    _ pair: ModelPair, _ task: DetectionTask, on images: Dataset, _ labels: COCOLabels,
    limit: Int? = nil
  ) async throws(PipelineError) -> ObjectResult {
    let indices = images.evenlySpaced(limit ?? images.count)
    let meter = meter("compare", of: indices.count)
    return try await PipelineError.naming(images.path) {
      try await ObjectComparison(pair.graph, pair.int8, task, labels).run(
        images, at: indices, threads: threads, progress: meter)
    }
  }
}
