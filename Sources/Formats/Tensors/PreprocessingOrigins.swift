/// Who says each part of a preprocessing. The raw values are for people.
public struct PreprocessingOrigins: Hashable, Codable, Sendable {
  /// Who says something.
  public enum Origin: String, Codable, Sendable {
    case commandLine = "command line"
    /// The model's file itself.
    case model = "the model's metadata"
    /// The `.json` file beside the model.
    case sidecar = "the .json file beside the model"
    /// What a network of a known name is trained with as a rule.
    case architecture = "the architecture's habit"
    /// The calibration that the int8 model was made with.
    case calibration = "the calibration"
    /// The int8 model's file.
    case quantized = "the int8 model"
    /// Nobody.
    case unsaid = "default"
  }

  /// Of `Preprocessing.mean`.
  public var mean: Origin
  /// Of `Preprocessing.std`.
  public var std: Origin
  /// Of `Preprocessing.resize` and `squash`.
  public var resize: Origin
  /// Of `Preprocessing.crop`.
  public var crop: Origin

  /// Everything said by one.
  public init(_ origin: Origin = .unsaid) {
    (mean, std, resize, crop) = (origin, origin, origin, origin)
  }

  /// Whether somebody says what pixels mean.
  public var sayWhatPixelsMean: Bool { mean != .unsaid || std != .unsaid }

  /// `origin` for the parts that are true, and nobody for the others.
  public init(_ origin: Origin, mean: Bool, std: Bool, resize: Bool, crop: Bool) {
    self.init()
    if mean { self.mean = origin }
    if std { self.std = origin }
    if resize { self.resize = origin }
    if crop { self.crop = origin }
  }
}
