internal import Pipeline

extension CalibrationReport {
  /// The report for people.
  var line: String {
    let missing = missingShards.isEmpty ? "" : "; missing: " + missingShards.joined(separator: ", ")
    return "\(file): ranges of \(tensors) tensors of \(model) from "
      + "\(Format.count(images, "\(split) image")) of \(dataset), method \(method)\(missing)"
  }
}
