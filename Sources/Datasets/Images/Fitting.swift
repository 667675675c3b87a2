internal import Tensors

/// Brings pictures of any size to a network's: resize, center crop, channels.
struct Fitting: Sendable {
  let preprocessing: Preprocessing
  /// `[1, H, W, C]`.
  let inputShape: Shape

  /// The picture as the network's input has it. With `keepsSize`, one that has the input's size
  /// already stays as it is. Of the resized picture only what stays is computed: the long side of
  /// a narrow one may have millions of pixels.
  ///
  /// - Throws: `DatasetError.imageShape` where the preprocessing leads to another size, before
  ///   anything is resized.
  func callAsFunction(_ image: Image, keepsSize: Bool) throws(DatasetError) -> Image {
    let isSized = image.height == inputShape.height && image.width == inputShape.width
    let keeps = keepsSize && isSized
    let (height, width) = keeps ? (image.height, image.width) : resizedSize(image)
    let rows = keeps ? 0..<height : kept(of: height, other: width)
    let columns = keeps ? 0..<width : kept(of: width, other: height)
    let isLuma = inputShape.channels == 1 && image.channels == 3
    let found = Shape(
      height: rows.count, width: columns.count, channels: isLuma ? 1 : image.channels)
    guard found == inputShape else { throw .imageShape(expected: inputShape, found: found) }
    let sized = image.resized(height: height, width: width, rows: rows, columns: columns)
    return isLuma ? sized.luma : sized
  }

  private func resizedSize(_ image: Image) -> (height: Int, width: Int) {
    guard let side = preprocessing.resize else { return (image.height, image.width) }
    if preprocessing.squash { return (side, side) }
    // The long side is cut off, not rounded, as torchvision does.
    return image.height <= image.width
      ? (side, side * image.width / image.height) : (side * image.height / image.width, side)
  }

  /// What the square at the center keeps of a side; all where the picture is smaller.
  private func kept(of size: Int, other: Int) -> Range<Int> {
    guard let side = preprocessing.crop, side <= size, side <= other else { return 0..<size }
    let start = Self.halved(size - side)
    return start..<start + side
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
