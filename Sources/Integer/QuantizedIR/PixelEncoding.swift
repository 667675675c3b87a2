package import Tensors

/// How 8-bit pixels become the codes of the input tensor: one table of 256 codes a channel, so
/// that the board needs no real number and gives the host's bytes.
package struct PixelEncoding: Hashable, Codable, Sendable {
  /// What the tables were made from, and how images are brought to size.
  package var preprocessing: Preprocessing
  /// `[channels][256]`: the code of each pixel value.
  package var codes: Constants<Int8>

  /// Tabulates `preprocessing` for `input`, the tensor to fill.
  package init(preprocessing: Preprocessing, input: QuantizedTensor) {
    self.preprocessing = preprocessing
    codes = Constants(
      preprocessing.mean.indices.flatMap { channel in
        (0...255).map { pixel in
          input.code(Double(preprocessing.real(UInt8(pixel), channel: channel)))
        }
      })
  }

  /// The codes of an image: `pixels` is HWC, and so is the result.
  package func encode(_ pixels: [UInt8]) -> [Int8] {
    let channels = preprocessing.mean.count
    return pixels.indices.map { codes[$0 % channels * 256 + Int(pixels[$0])] }
  }
}
