package import Datasets
package import Decoders
package import Evaluation
package import NetworkGraph
internal import QuantizedIR

/// What a comparison of two networks that see objects found. Shares are of 1.
package struct ObjectReport: Encodable, Sendable {
  /// How well a network finds what is there, in the measures of its task.
  package enum Score: Encodable, Sendable {
    case centroids(CentroidScore)
    /// `nil` where the images have no objects.
    case boxes(map50: Double?, map: Double?)

    private enum CodingKeys: CodingKey {
      case f1, precision, recall, truePositives, falsePositives, falseNegatives, map50, map
    }

    init(_ score: ObjectScore) {
      switch score {
      case .centroids(let score): self = .centroids(score)
      case .boxes(let score): self = .boxes(map50: score.map50, map: score.map)
      }
    }

    /// What gates go by: F1, or COCO's mean average precision.
    package var main: Double {
      switch self {
      case .centroids(let score): score.f1
      case .boxes(_, let map): map ?? 0
      }
    }

    /// What that is called.
    package var name: String {
      switch self {
      case .centroids: "F1"
      case .boxes: "mAP"
      }
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      switch self {
      case .centroids(let score):
        try container.encode(score.f1, forKey: .f1)
        try container.encode(score.precision, forKey: .precision)
        try container.encode(score.recall, forKey: .recall)
        try container.encode(score.truePositives, forKey: .truePositives)
        try container.encode(score.falsePositives, forKey: .falsePositives)
        try container.encode(score.falseNegatives, forKey: .falseNegatives)
      case .boxes(let map50, let map):
        try container.encode(map50, forKey: .map50)
        try container.encode(map, forKey: .map)
      }
    }
  }

  package let task: DetectionTask.Kind
  package let threshold: Double
  package let images: Int
  package let float: Score
  package let int8: Score
  /// Int8 minus float in points of a hundred, rounded to 4 decimals.
  package let deltaPoints: Double
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
    deltaPoints = (1_000_000 * (int8.main - float.main)).rounded() / 10_000
    self.pixels = pixels
    warnings =
      [pixels.warning, Self.warning(task, models.int8)].compactMap(\.self)
      + models.int8.weightWarnings.map(\.description)
  }

  /// Where the threshold is not of what users think it is.
  private static func warning(_ task: DetectionTask, _ model: QuantizedModel) -> String? {
    switch task {
    case .map(let task):
      model.givesProbabilities
        ? nil
        : "the network does not end in softmax or the logistic function, so --threshold "
          + "\(task.threshold) is compared with what it gives, which is no probability"
    case .boxes(let task):
      task.threshold <= 0.05
        ? nil
        : "mAP is over all scores above --threshold, which is \(task.threshold): COCO's figures are of "
          + "0.05 and less"
    }
  }
}

/// What a network sees in one row of its input, best first.
package struct FoundObjects: Encodable, Sendable {
  package let objects: [Object]

  package struct Object: Encodable, Sendable {
    /// As the network's output counts them.
    package let `class`: Int
    package let label: String
    package let score: Double
    /// The center, in pixels of the network's input, as the other sizes.
    package let x: Double
    package let y: Double
    package let width: Double
    package let height: Double
  }

  /// `cat 0.93 at x=12 y=40`, and ` w=10 h=20` behind it where boxes are found; empty where there is
  /// nothing.
  package func lines(_ kind: DetectionTask.Kind) -> [String] {
    objects.map { object in
      var place = "x=\(Format.decimal(object.x, 0)) y=\(Format.decimal(object.y, 0))"
      if kind == .boxes {
        place += " w=\(Format.decimal(object.width, 0)) h=\(Format.decimal(object.height, 0))"
      }
      return "\(object.label) \(Format.decimal(object.score, 2)) at \(place)"
    }
  }
}

extension Inference {
  /// What the outputs stand for by row, at most `count` objects each.
  ///
  /// - Parameter model: What gave them.
  package func objects(
    _ choice: TaskChoice, of model: LoadedModel, _ count: Int
  ) throws(PipelineError) -> [FoundObjects] {
    let task = try choice.task()
    let finder = try PipelineError.naming(model.reference) {
      if engine == .float {
        let graph = try model.wholeGraph()
        return try ObjectFinder(task, outputs: graph.namedOutputs, input: graph.inputShape)
      }
      return try ObjectFinder(task, try model.quantized())
    }
    let classes = finder.classes(labels: labels)
    return outputs[0].rows.indices.map { row in
      let found = finder(outputs.flatMap { $0.rows[row] })
      return FoundObjects(
        objects: found.prefix(count).map { object in
          FoundObjects.Object(
            class: object.label, label: classes.name(object.label), score: object.score,
            x: object.x, y: object.y, width: object.width, height: object.height)
        })
    }
  }
}

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
