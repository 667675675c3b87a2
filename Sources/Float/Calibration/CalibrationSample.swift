/// Which images were used: `imageCount` of the split's `recordCount` records, spread evenly.
package struct CalibrationSample: Hashable, Codable, Sendable {
  /// The data set's name.
  package var dataset: String
  /// Where it lay, as the caller named the place.
  package var path: String
  /// The same from the folder of the calibration's file; `nil` where `path` is absolute, or found from
  /// that folder or one above it.
  package var pathFromFile: String?
  /// The split, `train` as a rule.
  package var split: String
  /// Records in the split.
  package var recordCount: Int
  /// Records used, at least 1.
  package var imageCount: Int
  /// SHA-256 over the stored bytes of the records used, in order, in hexadecimal.
  package var sha256: String

  package init(
    dataset: String, path: String, split: String, recordCount: Int, imageCount: Int, sha256: String
  ) {
    self.dataset = dataset
    self.path = path
    self.split = split
    self.recordCount = recordCount
    self.imageCount = imageCount
    self.sha256 = sha256
  }
}
