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

  /// Writes the input for a picture's pixels, `[H, W, C]` as `inputShape` says.
  package func write(_ pixels: [UInt8], to place: UnsafeMutablePointer<Float>) {
    precondition(pixels.count == inputShape.count, "\(pixels.count) pixels for \(inputShape)")
    let channels = values.count
    for c in 0..<channels {
      values[c].withUnsafeBufferPointer { values in
        for index in stride(from: c, to: pixels.count, by: channels) {
          place[index] = values[Int(pixels[index])]
        }
      }
    }
  }
}

/// Brings pictures of any size to a network's: resize, center crop, channels.
struct Fitting: Sendable {
  let preprocessing: Preprocessing
  /// `[1, H, W, C]`.
  let inputShape: Shape

  /// The picture as the network's input has it. One that has the input's size already stays as it
  /// is, unless all are to be resized. Of the resized picture only what stays is computed: the long
  /// side of a narrow one may have millions of pixels.
  ///
  /// - Throws: `DatasetError.imageShape` where the preprocessing leads to another size, before
  ///   anything is resized.
  func callAsFunction(_ image: Image) throws(DatasetError) -> Image {
    let (resized, rows, columns) = parts(of: Extent(image.height, image.width))
    let isLuma = inputShape.channels == 1 && image.channels == 3
    let found = Shape(
      height: rows.count, width: columns.count, channels: isLuma ? 1 : image.channels)
    guard found == inputShape else { throw .imageShape(expected: inputShape, found: found) }
    let sized = image.resized(
      height: resized.height, width: resized.width, rows: rows, columns: columns)
    return isLuma ? sized.luma : sized
  }

  /// What becomes of a picture of `size`: its size then, and what stays of that.
  private func parts(
    of size: Extent
  ) -> (resized: Extent, rows: Range<Int>, columns: Range<Int>) {
    let isSpared = size == inputShape.extent && !preprocessing.resizesAll
    let resized = isSpared ? size : resizedSize(size)
    let (rows, columns) = isSpared ? (0..<size.height, 0..<size.width) : kept(of: resized)
    return (resized, rows, columns)
  }

  /// Where an object in a picture of `size` comes to lie; `nil` where its center was in that picture
  /// and is cut off.
  func moved(_ object: LabeledObject, in size: Extent) -> LabeledObject? {
    let (resized, rows, columns) = parts(of: size)
    let down = Double(resized.height) / Double(size.height)
    let right = Double(resized.width) / Double(size.width)
    var moved = object
    moved.left = object.left * right - Double(columns.lowerBound)
    moved.top = object.top * down - Double(rows.lowerBound)
    moved.width = object.width * right
    moved.height = object.height * down
    func isKept(_ place: Double, _ side: Double, _ kept: Range<Int>, of whole: Int) -> Bool {
      let center = place + side / 2
      let isInside = (0..<Double(whole)).contains(center + Double(kept.lowerBound))
      return !isInside || (0..<Double(kept.count)).contains(center)
    }
    let isSeen =
      isKept(moved.left, moved.width, columns, of: resized.width)
      && isKept(moved.top, moved.height, rows, of: resized.height)
    return isSeen ? moved : nil
  }

  /// Whether pictures that have the network's size would not be the same after resizing and
  /// cropping, and stay as they are.
  var sparesSizedImages: Bool {
    let resized = resizedSize(inputShape.extent)
    return !preprocessing.resizesAll && resized != inputShape.extent
  }

  private func resizedSize(_ size: Extent) -> Extent {
    guard let sides = preprocessing.resize else { return size }
    if preprocessing.squash { return sides }
    let side = sides.height
    // The long side is cut off, not rounded, as torchvision does.
    return size.height <= size.width
      ? Extent(side, side * size.width / size.height)
      : Extent(side * size.height / size.width, side)
  }

  /// The rows and columns that the part at the center keeps; all where the picture is smaller.
  private func kept(of size: Extent) -> (rows: Range<Int>, columns: Range<Int>) {
    guard let crop = preprocessing.crop, crop.height <= size.height, crop.width <= size.width
    else { return (0..<size.height, 0..<size.width) }
    let first = Extent(Self.halved(size.height - crop.height), Self.halved(size.width - crop.width))
    return (
      first.height..<first.height + crop.height, first.width..<first.width + crop.width
    )
  }

  /// Half of `rest`, ties to even, as Python rounds.
  private static func halved(_ rest: Int) -> Int { (rest + (rest >> 1 & 1)) / 2 }
}

extension Image {
  /// One channel of brightness of RGB (ITU-R BT.601), with Pillow's rounding.
  fileprivate var luma: Image {
    precondition(channels == 3)
    let gray = stride(from: 0, to: pixels.count, by: 3).map { start in
      let red = UInt32(pixels[start]) * 19595
      let green = UInt32(pixels[start + 1]) * 38470
      let blue = UInt32(pixels[start + 2]) * 7471
      return UInt8((red + green + blue + 0x8000) >> 16)
    }
    return Image(height: height, width: width, channels: 1, pixels: gray)
  }
}
