package import Datasets
package import Decoders
package import Evaluation
package import NetworkGraph
internal import QuantizedIR

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

/// What a comparison of two networks that see objects found. Shares are of 1.
package struct ObjectReport: Encodable, Sendable {
  /// What a network finds.
  package struct Score: Encodable, Sendable {
    package let f1: Double
    package let precision: Double
    package let recall: Double
    package let truePositives: Int
    package let falsePositives: Int
    package let falseNegatives: Int

    init(_ score: CentroidScore) {
      (f1, precision, recall) = (score.f1, score.precision, score.recall)
      truePositives = score.truePositives
      falsePositives = score.falsePositives
      falseNegatives = score.falseNegatives
    }
  }

  package let task: DetectionTask.Kind
  package let threshold: Double
  package let images: Int
  package let float: Score
  package let int8: Score
  /// Int8 minus float in points of a hundred, rounded to 4 decimals.
  package let deltaF1Points: Double
  /// What happened to pixels.
  package let pixels: PixelReport
  /// One sentence each.
  package let warnings: [String]

  package init(
    _ result: ObjectResult, _ task: DetectionTask, of models: ModelPair, _ pixels: PixelReport
  ) {
    self.task = task.kind
    threshold = task.threshold
    images = result.images
    (float, int8) = (Score(result.float), Score(result.int8))
    deltaF1Points = (1_000_000 * (int8.f1 - float.f1)).rounded() / 10_000
    self.pixels = pixels
    let units =
      models.int8.givesProbabilities
      ? nil
      : "the network does not end in softmax or the logistic function, so --threshold "
        + "\(threshold) is compared with what it gives, which is no probability"
    warnings =
      [pixels.warning, units].compactMap(\.self)
      + models.int8.weightWarnings.map(\.description)
  }
}
