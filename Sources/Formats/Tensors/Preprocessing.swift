/// What happens to 8-bit pixels before the network sees them.
///
/// In this order: resize, crop, `(pixel / 255 - mean[c]) / std[c]`.
public struct Preprocessing: Hashable, Sendable {
  /// Per channel, for pixels scaled to 0...1; none where the network takes no pixels.
  public var mean: [Float]
  /// Per channel, for pixels scaled to 0...1; never 0; as many as `mean`.
  public var std: [Float]
  /// What to resize to, in pixels: with `squash` both sides, else the short one, and then its two
  /// numbers are equal; `nil` for none.
  public var resize: Extent?
  /// What to cut from the center after resizing, in pixels; `nil` for none.
  public var crop: Extent?
  /// Whether resizing gives the sides of `resize`, whatever the aspect ratio.
  public var squash: Bool
  /// Whether pictures that have the network's size already are resized and cropped all the same.
  public var resizesAll: Bool

  /// Preprocessing by its parts.
  public init(
    mean: [Float], std: [Float], resize: Extent? = nil, crop: Extent? = nil, squash: Bool = false,
    resizesAll: Bool = false
  ) {
    self.mean = mean
    self.std = std
    self.resize = resize
    self.crop = crop
    self.squash = squash
    self.resizesAll = resizesAll
  }

  /// Pixels scaled to 0...1, and nothing else.
  public static func unit(channels: Int) -> Preprocessing {
    Preprocessing(
      mean: [Float](repeating: 0, count: channels), std: [Float](repeating: 1, count: channels))
  }

  /// Of a network whose inputs are no pictures.
  public static let none = Preprocessing(mean: [], std: [])

  /// The most channels of a picture, far more than any sensor has: 16 MB of tables on the board.
  public static let mostChannels = 1 << 16

  /// Whether pixels mean something to the network.
  public var takesPixels: Bool { (1...Self.mostChannels).contains(mean.count) }

  /// The real value of a pixel of `channel`.
  public func real(_ pixel: UInt8, channel: Int) -> Float {
    (Float(pixel) / 255 - mean[channel]) / std[channel]
  }
}

extension Preprocessing {
  /// The longest side of a picture in pixels.
  public static let longestSide = 1 << 16
}

extension Preprocessing: Codable {
  private enum CodingKeys: CodingKey { case mean, std, resize, crop, squash, resizesAll }

  /// Both sides are one number where they are equal, else a list of height and width.
  private struct Sides: Codable {
    let extent: Extent

    init(_ extent: Extent) { self.extent = extent }

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      let sides: [Int]
      if let side = try? container.decode(Int.self) {
        sides = [side, side]
      } else {
        sides = try container.decode([Int].self)
      }
      guard sides.count == 2,
        sides.allSatisfy({ (1...Preprocessing.longestSide).contains($0) })
      else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "expected 1 to 65536 pixels, or two such numbers")
      }
      extent = Extent(sides[0], sides[1])
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if extent.height == extent.width {
        try container.encode(extent.height)
      } else {
        try container.encode([extent.height, extent.width])
      }
    }
  }

  /// Throws `DecodingError` for sides that are impossible or contradict `squash`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let squash = try container.decode(Bool.self, forKey: .squash)
    let resize = try container.decodeIfPresent(Sides.self, forKey: .resize)?.extent
    if let resize, resize.height != resize.width, !squash {
      throw DecodingError.dataCorruptedError(
        forKey: .resize, in: container,
        debugDescription: "expected one number, the short side's, without squash")
    }
    self.init(
      mean: try container.decode([Float].self, forKey: .mean),
      std: try container.decode([Float].self, forKey: .std), resize: resize,
      crop: try container.decodeIfPresent(Sides.self, forKey: .crop)?.extent, squash: squash,
      resizesAll: try container.decodeIfPresent(Bool.self, forKey: .resizesAll) ?? false)
  }

  /// What is not so as a rule stays out: files of models that say nothing new keep their bytes.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(mean, forKey: .mean)
    try container.encode(std, forKey: .std)
    try container.encodeIfPresent(resize.map(Sides.init), forKey: .resize)
    try container.encodeIfPresent(crop.map(Sides.init), forKey: .crop)
    try container.encode(squash, forKey: .squash)
    if resizesAll { try container.encode(true, forKey: .resizesAll) }
  }
}

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

/// The last step of a network that is left to who calls it.
public struct CallerStep: Hashable, Codable, Sendable {
  /// What the step is. The raw value is ONNX's name.
  public enum Operation: String, Codable, Sendable {
    /// Where the greatest value stands.
    case argMax = "ArgMax"
    /// Where the least value stands.
    case argMin = "ArgMin"
    /// The greatest values, and where they stand.
    case topK = "TopK"
    /// The logarithms of probabilities.
    case logSoftmax = "LogSoftmax"
  }

  /// Which step.
  public let operation: Operation
  /// What the model file calls the output that the step would give.
  public let output: String

  /// A step by its parts.
  public init(_ operation: Operation, output: String) {
    self.operation = operation
    self.output = output
  }
}

extension CallerStep: CustomStringConvertible {
  /// What the output holds instead, and what to do.
  public var description: String {
    let rest =
      switch operation {
      case .argMax: "where the greatest value stands is the answer"
      case .argMin: "where the least value stands is the answer"
      case .topK: "where the greatest values stand, and these, are the answer"
      case .logSoftmax: "subtract the logarithm of the sum of their exponentials where it matters"
      }
    return
      "the network ends in \(operation.rawValue), which is left to the caller: output '\(output)' "
      + "holds the values in front of it; \(rest)"
  }
}
