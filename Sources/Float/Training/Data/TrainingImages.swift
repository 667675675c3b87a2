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
