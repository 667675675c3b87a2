/// What happens to 8-bit pixels before the network sees them.
///
/// In this order: resize, crop, `(pixel / 255 - mean[c]) / std[c]`.
public struct Preprocessing: Hashable, Codable, Sendable {
  /// Per channel, for pixels scaled to 0...1.
  public var mean: [Float]
  /// Per channel, for pixels scaled to 0...1; never 0.
  public var std: [Float]
  /// The length to resize the short side to (both sides with `squash`), in pixels; `nil` for none.
  public var resize: Int?
  /// The side of the square to cut from the center after resizing, in pixels; `nil` for none.
  public var crop: Int?
  /// Whether resizing gives both sides the same length, whatever the aspect ratio.
  public var squash: Bool

  /// Preprocessing by its parts.
  public init(
    mean: [Float], std: [Float], resize: Int? = nil, crop: Int? = nil, squash: Bool = false
  ) {
    self.mean = mean
    self.std = std
    self.resize = resize
    self.crop = crop
    self.squash = squash
  }

  /// Pixels scaled to 0...1, and nothing else.
  public static func unit(channels: Int) -> Preprocessing {
    Preprocessing(
      mean: [Float](repeating: 0, count: channels), std: [Float](repeating: 1, count: channels))
  }

  /// The real value of a pixel of `channel`.
  public func real(_ pixel: UInt8, channel: Int) -> Float {
    (Float(pixel) / 255 - mean[channel]) / std[channel]
  }
}
