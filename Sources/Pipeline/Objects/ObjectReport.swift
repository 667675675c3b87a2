package import Decoders
package import Evaluation
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
