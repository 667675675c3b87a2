internal import Calibration
internal import Datasets
internal import Files
internal import Tensors

/// The images that a calibration was made with, found again and checked.
struct CalibrationImages {
  let dataset: Dataset
  /// The records used.
  let indices: [Int]

  /// Opens the images at `place`. They come at the size that
  /// `inputShape` asks for.
  ///
  /// - Throws: `Failure` where they are gone or are others.
  init(_ table: CalibrationTable, inputShape: Shape, at place: String) throws {
    let sample = table.sample
    let dataset = try Failure.naming(place) {
      // Whatever `--classes` said then, or a list says now, the images are these.
      try DatasetReader.open(
        place, split: Dataset.Split(rawValue: sample.split) ?? .train, needsLabels: false
      ).readable(sampling: sample.imageCount) { _ in }
    }
    let indices = dataset.evenlySpaced(sample.imageCount)
    let sha256 = try Failure.naming(place) { try dataset.sha256(at: indices) }
    guard dataset.count == sample.recordCount, sha256 == sample.sha256 else {
      throw Failure(
        "\(place): the \(sample.split) images are not those of the calibration: expected "
          + "\(sample.recordCount) records and SHA-256 \(sample.sha256) over \(sample.imageCount) of "
          + "them, found \(dataset.count) and \(sha256); say where they lie with --data, or "
          + "calibrate again")
    }
    self.dataset = try dataset.fitted(table.preprocessing, inputShape: inputShape)
    self.indices = indices
  }
}

extension Dataset {
  /// SHA-256 over the stored records at `indices`, in hexadecimal.
  fileprivate func sha256(at indices: [Int]) throws -> String {
    var hash = SHA256()
    for index in indices { hash.update(try bytes(at: index)) }
    return hash.hex()
  }
}
