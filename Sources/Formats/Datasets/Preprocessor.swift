package import Tensors

/// Turns records into a network's input: pixels in float32 step for step,
/// `(pixel / 255 - mean) / std`; other values are it already.
package struct Preprocessor: Sendable {
  /// What the network takes, `[1, H, W, C]`.
  package let inputShape: Shape
  /// The 256 values of each channel.
  private let values: [[Float]]

  package init(_ preprocessing: Preprocessing, inputShape: Shape) {
    self.inputShape = inputShape
    values = preprocessing.mean.indices.map { c in
      (0...UInt8.max).map { preprocessing.real($0, channel: c) }
    }
  }

  /// The input for `sample`, NHWC; values are it already.
  ///
  /// - Throws: `DatasetError.imageShape` for a picture of another size.
  package func callAsFunction(_ sample: Sample) throws(DatasetError) -> [Float] {
    switch sample {
    case .image(let image): try self(image)
    case .values(let values): values
    }
  }

  /// The input for `image`, NHWC. A picture of the input's size is taken as resized and cropped.
  ///
  /// - Throws: `DatasetError.imageShape` for a picture of another size.
  package func callAsFunction(_ image: Image) throws(DatasetError) -> [Float] {
    guard image.shape == inputShape else {
      throw .imageShape(expected: inputShape, found: image.shape)
    }
    return image.pixels.indices.map { values[$0 % image.channels][Int(image.pixels[$0])] }
  }
}
