/// Why images are not those that a step needs.
package enum ImagesProblem: Hashable, Sendable {
  /// They are not those of the calibration, of whose `split` `used` records were.
  case others(path: String, split: String, used: Int, expected: Found, found: Found)
  /// A gate on accuracy needs labels.
  case noLabels(path: String)
  /// No calibration says where there are any.
  case unknownPlace(model: String)

  /// What there is.
  package struct Found: Hashable, Sendable {
    /// Records of the split.
    let count: Int
    /// Over the stored bytes of those used, in hexadecimal.
    let sha256: String
  }
}

extension ImagesProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .others(let path, let split, let used, let expected, let found):
      "\(path): the \(split) images are not those of the calibration: expected "
        + "\(expected.count) records and SHA-256 \(expected.sha256) over \(used) of "
        + "them, found \(found.count) and \(found.sha256); say where they lie with --data, or "
        + "calibrate again"
    case .noLabels(let path):
      "\(path): the images have no labels, which --max-drop needs; name a folder in CIFAR-10's "
        + "binary layout or of class folders, or put NAME.labels.npy beside NAME.npy"
    case .unknownPlace(let model):
      "\(model): no calibration says where images lie; name a folder with --data"
    }
  }
}
