internal import Datasets
internal import Tensors

/// How many of the objects in images a network finds, by their centers.
///
/// As Edge Impulse counts them: what was found is right where the center of an object of its class,
/// which is the nearest such, is at most a fifth of the picture's sides away; several may find one
/// object, and each is right. Objects that none of them found are missed.
///
/// Source: Edge Impulse, `constrained_object_detection/metrics.py`, `match_by_near_centroids`.
package struct CentroidScore: Hashable, Sendable {
  /// What was found and is there.
  package private(set) var truePositives = 0
  /// What was found and is not there.
  package private(set) var falsePositives = 0
  /// What is there and was not found.
  package private(set) var falseNegatives = 0

  /// In sides of the picture.
  static let longestDistance = 0.2

  package init() {}

  /// Of what was found, the share that is there.
  package var precision: Double { share(truePositives, of: truePositives + falsePositives) }

  /// Of what is there, the share that was found; it counts as often as it was.
  package var recall: Double { share(truePositives, of: truePositives + falseNegatives) }

  /// The harmonic mean of both; 1 where nothing is there and nothing was found.
  package var f1: Double {
    let sum = precision + recall
    return sum > 0 ? 2 * precision * recall / sum : 0
  }

  private func share(_ count: Int, of all: Int) -> Double {
    if truePositives + falsePositives + falseNegatives == 0 { return 1 }
    return all == 0 ? 0 : Double(count) / Double(all)
  }

  /// Counts what was found in an image of the size `extent`. Crowds are no objects.
  ///
  /// - Parameter objects: What is there; categories are classes.
  mutating func add(_ found: [Detection], _ objects: [LabeledObject], in extent: Extent) {
    let objects = objects.filter { !$0.isCrowd }
    var missed = Set(objects.indices)
    for detection in found {
      let distances = objects.indices.filter { objects[$0].category == detection.label }
        .map { (distance: Self.distance(detection, objects[$0], extent), index: $0) }
      guard let nearest = distances.min(by: { $0.distance < $1.distance }),
        nearest.distance <= Self.longestDistance
      else {
        falsePositives += 1
        continue
      }
      truePositives += 1
      missed.remove(nearest.index)
    }
    falseNegatives += missed.count
  }

  private static func distance(
    _ detection: Detection, _ object: LabeledObject, _ extent: Extent
  ) -> Double {
    let x = (detection.x - object.left - object.width / 2) / Double(extent.width)
    let y = (detection.y - object.top - object.height / 2) / Double(extent.height)
    return (x * x + y * y).squareRoot()
  }

  mutating func merge(_ other: CentroidScore) {
    truePositives += other.truePositives
    falsePositives += other.falsePositives
    falseNegatives += other.falseNegatives
  }
}
