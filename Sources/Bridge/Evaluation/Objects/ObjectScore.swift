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

/// How well a network's boxes are those of the labels: COCO's mean average precision.
///
/// For each class and each intersection over union of 0.5, 0.55 ... 0.95, boxes of all pictures come
/// in the order of their scores, 100 of a picture at most; each takes the object of its class that it
/// shares most with and that none before it took, if that is enough. Boxes that find crowds count for
/// nothing. The average precision is the mean over the recalls 0, 0.01 ... 1 of the best precision at
/// that recall or a greater one, and 0 at recalls that are not reached; the mean is over classes that
/// objects are of.
///
/// Source: pycocotools `cocoeval.py`, area "all", 100 detections.
package struct BoxScore: Hashable, Sendable {
  /// By class.
  private var classes: [Int: ClassBoxes] = [:]

  package init() {}

  /// What COCO asks for, to the last bit: NumPy's `linspace(0.5, 0.95, 10)`.
  static let thresholds = (0..<10).map { Double($0) * ((0.95 - 0.5) / 9) + 0.5 }

  private static let mostBoxes = 100

  /// The mean over classes at an intersection over union of 0.5; `nil` without objects.
  package var map50: Double? { mean { $0[0] } }

  /// The mean over classes and all thresholds; `nil` without objects.
  package var map: Double? { mean { $0.reduce(0, +) / Double($0.count) } }

  /// - Parameter value: What counts of the average precisions by threshold.
  private func mean(_ value: ([Double]) -> Double) -> Double? {
    let precisions = classes.sorted { $0.key < $1.key }
      .compactMap { $0.value.averagePrecisions.map(value) }
    return precisions.isEmpty ? nil : precisions.reduce(0, +) / Double(precisions.count)
  }

  /// Adds what was found in a picture, best first, and what is there; categories are classes.
  mutating func add(_ found: [Detection], _ objects: [LabeledObject]) {
    let foundByClass = Dictionary(grouping: found, by: \.label)
    let objectsByClass = Dictionary(grouping: objects, by: \.category)
    for label in Set(foundByClass.keys).union(objectsByClass.keys) {
      classes[label, default: ClassBoxes()].add(
        (foundByClass[label] ?? []).prefix(Self.mostBoxes), objectsByClass[label] ?? [])
    }
  }

  /// Adds what was found in later pictures.
  mutating func merge(_ other: BoxScore) {
    classes.merge(other.classes) { first, second in first.followed(by: second) }
  }
}

/// The boxes of one class in all pictures so far.
private struct ClassBoxes: Hashable, Sendable {
  /// Objects that are no crowds.
  private var objectCount = 0
  private var boxes: [Judged] = []

  /// A box, and what it is at each threshold.
  private struct Judged: Hashable {
    let score: Double
    var verdicts: [Verdict]
  }

  private enum Verdict: Hashable {
    case right, wrong
    /// It found a crowd.
    case ignored
  }

  func followed(by other: ClassBoxes) -> ClassBoxes {
    var all = self
    all.objectCount += other.objectCount
    all.boxes += other.boxes
    return all
  }

  mutating func add(_ found: ArraySlice<Detection>, _ objects: [LabeledObject]) {
    // Crowds last, as COCO tries them.
    let objects = objects.filter { !$0.isCrowd } + objects.filter(\.isCrowd)
    objectCount += objects.count { !$0.isCrowd }
    var judged = found.map { Judged(score: $0.score, verdicts: []) }
    let shares = found.map { box in objects.map { Self.share(box, $0) } }
    for threshold in BoxScore.thresholds {
      var taken: Set<Int> = []
      for (index, shares) in shares.enumerated() {
        judged[index].verdicts.append(Self.verdict(shares, objects, &taken, threshold))
      }
    }
    boxes += judged
  }

  private static func verdict(
    _ shares: [Double], _ objects: [LabeledObject], _ taken: inout Set<Int>, _ threshold: Double
  ) -> Verdict {
    var least = min(threshold, 1 - 1e-10)
    var best: Int?
    for (index, object) in objects.enumerated() where !taken.contains(index) || object.isCrowd {
      if let best, !objects[best].isCrowd, object.isCrowd { break }
      guard shares[index] >= least else { continue }
      least = shares[index]
      best = index
    }
    guard let best else { return .wrong }
    taken.insert(best)
    return objects[best].isCrowd ? .ignored : .right
  }

  /// Intersection over union; of a crowd, over the box.
  private static func share(_ box: Detection, _ object: LabeledObject) -> Double {
    let (left, top) = (box.x - box.width / 2, box.y - box.height / 2)
    let width = min(left + box.width, object.left + object.width) - max(left, object.left)
    let height = min(top + box.height, object.top + object.height) - max(top, object.top)
    guard width > 0, height > 0 else { return 0 }
    let area = box.width * box.height
    let union = object.isCrowd ? area : area + object.width * object.height - width * height
    return width * height / union
  }

  /// By threshold; `nil` where there are no objects.
  var averagePrecisions: [Double]? {
    guard objectCount > 0 else { return nil }
    // Of equals the earlier picture's: the sort is to be stable.
    let order = boxes.enumerated().sorted {
      ($1.element.score, $0.offset) < ($0.element.score, $1.offset)
    }
    return BoxScore.thresholds.indices.map { threshold in
      averagePrecision(order.map { $0.element.verdicts[threshold] })
    }
  }

  private func averagePrecision(_ verdicts: [Verdict]) -> Double {
    var (right, all): (Int, Int) = (0, 0)
    var curve: [(recall: Double, precision: Double)] = []
    for verdict in verdicts where verdict != .ignored {
      all += 1
      if verdict == .right { right += 1 }
      curve.append(
        (Double(right) / Double(objectCount), Double(right) / (Double(all) + Double(1).ulp)))
    }
    for index in curve.indices.reversed().dropFirst() {
      curve[index].precision = max(curve[index].precision, curve[index + 1].precision)
    }
    var (sum, next) = (0.0, 0)
    for step in 0...100 {
      let recall = step == 100 ? 1 : 0.01 * Double(step)
      while next < curve.count, curve[next].recall < recall { next += 1 }
      if next < curve.count { sum += curve[next].precision }
    }
    return sum / 101
  }
}
