package import Tensors

/// One picture as it is stored: 8-bit channels.
package struct Image: Hashable, Sendable {
  package let height: Int
  package let width: Int
  package let channels: Int
  /// `[height, width, channels]`, channels fastest.
  package let pixels: [UInt8]

  /// A picture whose pixels fill it exactly.
  package init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
    precondition(pixels.count == height * width * channels)
    self.height = height
    self.width = width
    self.channels = channels
    self.pixels = pixels
  }

  /// `[1, height, width, channels]`.
  package var shape: Shape { Shape(height: height, width: width, channels: channels) }
}
