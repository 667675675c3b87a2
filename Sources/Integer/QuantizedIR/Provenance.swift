package import FixedPoint

/// Where a quantized model comes from. It holds no time: the same inputs give the same bytes.
package struct Provenance: Hashable, Codable, Sendable {
  /// The version of this tool.
  package var tool: String
  /// The file name of the source model, without its folder.
  package var source: String
  /// SHA-256 of the source model's file, in hexadecimal.
  package var sourceSHA256: String
  /// The quantization recipe's name; `imported` for a model that was int8 already.
  package var recipe: String
  /// The rounding of the convolutions; every layer names its own.
  package var rounding: Rounding
  /// Whose results an imported model repeats; `nil` for a model that was quantized here.
  package var exactWith: ExactRuntime?
  /// What the ranges were learned from; `nil` for a model that was int8 already.
  package var calibration: CalibrationSource?

  /// The recipe of models that were quantized already.
  package static let imported = "imported"

  /// Provenance by its parts.
  package init(
    tool: String, source: String, sourceSHA256: String, recipe: String, rounding: Rounding,
    calibration: CalibrationSource?, exactWith: ExactRuntime? = nil
  ) {
    self.tool = tool
    self.source = source
    self.sourceSHA256 = sourceSHA256
    self.recipe = recipe
    self.rounding = rounding
    self.calibration = calibration
    self.exactWith = exactWith
  }
}

/// The images that activation ranges were learned from.
package struct CalibrationSource: Hashable, Codable, Sendable {
  /// The data set's name.
  package var dataset: String
  /// Its split, `train` as a rule.
  package var split: String
  /// How many images were used.
  package var images: Int
  /// SHA-256 over the images used, in order, in hexadecimal.
  package var sha256: String
  /// The range method's name.
  package var method: String

  /// A source by its parts.
  package init(dataset: String, split: String, images: Int, sha256: String, method: String) {
    self.dataset = dataset
    self.split = split
    self.images = images
    self.sha256 = sha256
    self.method = method
  }
}
