internal import Calibration

/// What a calibration learned, and where it was written.
struct CalibrationReport: Encodable {
  let file: String
  let model: String
  let dataset: String
  let split: String
  /// Of the whole sample, whatever the shard.
  let images: Int
  let method: String
  let tensors: Int
  /// Parts that are still missing, as `I/N`.
  let missingShards: [String]
  /// What happened to pixels; `nil` for merged shards.
  let pixels: PixelReport?
  /// One sentence each.
  let warnings: [String]

  init(file: String, model: String, _ table: CalibrationTable, _ pixels: PixelReport? = nil) {
    self.file = file
    self.model = model
    dataset = table.sample.dataset
    split = table.sample.split
    images = table.sample.imageCount
    method = table.method.rawValue
    tensors = table.tensors.count
    missingShards = table.shards.missing.map { "\($0)/\(table.shards.count)" }
    self.pixels = pixels
    warnings = [pixels?.warning].compactMap(\.self) + table.warnings.map(\.description)
  }

  /// The report for people.
  var line: String {
    let missing = missingShards.isEmpty ? "" : "; missing: " + missingShards.joined(separator: ", ")
    return "\(file): ranges of \(tensors) tensors of \(model) from "
      + "\(Format.count(images, "\(split) image")) of \(dataset), method \(method)\(missing)"
  }
}
