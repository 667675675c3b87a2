internal import Datasets
internal import Decoders
internal import Tensors

/// How well a network finds what is in images, by its task's rule.
package enum ObjectScore: Hashable, Sendable {
  case centroids(CentroidScore)
  case boxes(BoxScore)

  /// Of no images.
  init(_ task: DetectionTask) {
    switch task {
    case .map: self = .centroids(CentroidScore())
    case .boxes: self = .boxes(BoxScore())
    }
  }

  /// Counts what was found in an image of the size `extent`, best first.
  ///
  /// - Parameter objects: What is there; categories are classes.
  mutating func add(_ found: [Detection], _ objects: [LabeledObject], in extent: Extent) {
    switch self {
    case .centroids(var score):
      score.add(found, objects, in: extent)
      self = .centroids(score)
    case .boxes(var score):
      score.add(found, objects)
      self = .boxes(score)
    }
  }

  /// Adds what was found in later images.
  mutating func merge(_ other: ObjectScore) {
    switch (self, other) {
    case (.centroids(var score), .centroids(let other)):
      score.merge(other)
      self = .centroids(score)
    case (.boxes(var score), .boxes(let other)):
      score.merge(other)
      self = .boxes(score)
    default: preconditionFailure("scores of two tasks")
    }
  }
}
