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

  /// Whether pixels mean something to the network.
  public var takesPixels: Bool { !mean.isEmpty }

  /// The real value of a pixel of `channel`.
  public func real(_ pixel: UInt8, channel: Int) -> Float {
    (Float(pixel) / 255 - mean[channel]) / std[channel]
  }
}
