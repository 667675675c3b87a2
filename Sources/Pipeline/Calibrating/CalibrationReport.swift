package import Calibration

/// What a calibration learned, and where it was written.
package struct CalibrationReport: Encodable, Sendable {
  package let file: String
  package let model: String
  package let dataset: String
  package let split: String
  /// Of the whole sample, whatever the shard.
  package let images: Int
  package let method: String
  package let tensors: Int
  /// Parts that are still missing, as `I/N`.
  package let missingShards: [String]
  /// What happened to pixels; `nil` for merged shards.
  package let pixels: PixelReport?
  /// One sentence each.
  package let warnings: [String]

  package init(
    file: String, model: String, _ table: CalibrationTable, _ pixels: PixelReport? = nil
  ) {
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
}
