internal import Datasets
private import Synchronization
internal import Tensors

/// The images that a network learns from or is tried on, with their labels, decoded when first
/// shown and kept while they fit in memory.
final class TrainingImages: Sendable {
  let dataset: Dataset
  /// Records of the data set.
  let indices: [Int]
  let labels: [Int]
  private let preprocessor: Preprocessor
  private let kept: Mutex<[Int: [UInt8]]>
  private let keeps: Bool

  /// Decoded pictures that may stay in memory, in bytes.
  private static let mostBytes = 1 << 30

  /// - Throws: `TrainingError.noLabels`.
  init(
    _ dataset: Dataset, _ indices: [Int], _ preprocessor: Preprocessor
  ) throws(TrainingError) {
    (self.dataset, self.indices, self.preprocessor) = (dataset, indices, preprocessor)
    var labels: [Int] = []
    for index in indices {
      guard let label = dataset.label(at: index) else { throw .noLabels(path: dataset.path) }
      labels.append(label)
    }
    self.labels = labels
    kept = Mutex([:])
    keeps = indices.count * preprocessor.inputShape.count <= Self.mostBytes
  }

  var count: Int { indices.count }

  /// Writes the input for image `position`, changed by chance where there is an augmentation.
  func write(
    _ position: Int, _ augmentation: Augmentation?, _ random: inout SplitMix64,
    to place: UnsafeMutablePointer<Float>
  ) throws(DatasetError) {
    let shape = preprocessor.inputShape
    if dataset.holdsValues {
      let values = try preprocessor(dataset.sample(at: indices[position]))
      for (index, value) in values.enumerated() { place[index] = value }
      return
    }
    var pixels = try pixels(position)
    if let augmentation { pixels = augmentation(pixels, shape, &random) }
    preprocessor.write(pixels, to: place)
  }

  private func pixels(_ position: Int) throws(DatasetError) -> [UInt8] {
    if keeps, let pixels = kept.withLock({ $0[position] }) { return pixels }
    let image = try dataset.image(at: indices[position])
    guard image.shape == preprocessor.inputShape else {
      throw .imageShape(expected: preprocessor.inputShape, found: image.shape)
    }
    if keeps { kept.withLock { $0[position] = image.pixels } }
    return image.pixels
  }
}

/// What went wrong in tasks that ran side by side.
final class FailureList: Sendable {
  private let list = Mutex<[Int: DatasetError]>([:])

  func add(_ task: Int, _ error: DatasetError) { list.withLock { $0[task] = error } }

  /// That of the task with the lowest number.
  var first: DatasetError? {
    list.withLock { list in list.min { $0.key < $1.key }?.value }
  }
}

/// What a batch should say, and how its images are mixed.
struct Targets {
  /// `[image][class]`: the probability that each class should have.
  let probabilities: [Float]
  private let classes: Int

  /// - Parameter smoothing: The probability that is spread over all classes.
  ///   Source: Szegedy et al., "Rethinking the Inception architecture", 2016.
  init(_ labels: [Int], classes: Int, smoothing: Float = 0) {
    self.classes = classes
    guard classes > 1 else {
      probabilities = labels.map { Float($0) * (1 - smoothing) + smoothing / 2 }
      return
    }
    var values = [Float](repeating: smoothing / Float(classes), count: labels.count * classes)
    for (image, label) in labels.enumerated() { values[image * classes + label] += 1 - smoothing }
    probabilities = values
  }

  private init(_ probabilities: [Float], _ classes: Int) {
    (self.probabilities, self.classes) = (probabilities, classes)
  }

  /// Each image's with the share `rest` of its partner's: image i's is image `images - 1 - i`.
  func mixed(_ rests: [Float]) -> Targets {
    let images = rests.count
    var values = probabilities
    for image in 0..<images {
      let partner = images - 1 - image
      for c in 0..<classes {
        values[image * classes + c] =
          (1 - rests[image]) * probabilities[image * classes + c]
          + rests[image] * probabilities[partner * classes + c]
      }
    }
    return Targets(values, classes)
  }
}

/// How two images become one.
package enum Mixing: String, CaseIterable, Codable, Sendable {
  /// A weighted mean. Source: Zhang et al., "mixup", 2018.
  case mixup
  /// A rectangle of one in the other. Source: Yun et al., "CutMix", 2019.
  case cutmix

  /// Mixes each image of a batch with its partner, in place, and returns how much each has of it.
  ///
  /// The share is uniform, the beta distribution with both parameters 1.
  func mix(
    _ input: UnsafeMutablePointer<Float>, images: Int, _ shape: Shape, _ random: inout SplitMix64
  ) -> [Float] {
    let share = random.real(in: 0...1)
    switch self {
    case .mixup:
      Self.average(input, images, shape.count, Float(share))
      return [Float](repeating: Float(share), count: images)
    case .cutmix:
      let side = share.squareRoot()
      let height = Int((side * Double(shape.height)).rounded())
      let width = Int((side * Double(shape.width)).rounded())
      let top = random.integer(0...shape.height - height)
      let left = random.integer(0...shape.width - width)
      Self.exchange(input, images, shape, top..<top + height, left..<left + width)
      let found = Float(height * width) / Float(shape.height * shape.width)
      return [Float](repeating: found, count: images)
    }
  }

  private static func average(
    _ input: UnsafeMutablePointer<Float>, _ images: Int, _ count: Int, _ share: Float
  ) {
    for image in 0..<images / 2 {
      let (a, b) = (input + image * count, input + (images - 1 - image) * count)
      for index in 0..<count {
        let (x, y) = (a[index], b[index])
        a[index] = (1 - share) * x + share * y
        b[index] = (1 - share) * y + share * x
      }
    }
  }

  private static func exchange(
    _ input: UnsafeMutablePointer<Float>, _ images: Int, _ shape: Shape, _ rows: Range<Int>,
    _ columns: Range<Int>
  ) {
    for image in 0..<images / 2 {
      let (a, b) = (input + image * shape.count, input + (images - 1 - image) * shape.count)
      for row in rows {
        let first = (row * shape.width + columns.lowerBound) * shape.channels
        for index in first..<first + columns.count * shape.channels { swap(&a[index], &b[index]) }
      }
    }
  }
}
