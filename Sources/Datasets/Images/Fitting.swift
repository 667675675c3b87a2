internal import Tensors

/// Brings pictures of any size to a network's: resize, center crop, channels.
struct Fitting: Sendable {
  let preprocessing: Preprocessing
  /// `[1, H, W, C]`.
  let inputShape: Shape

  /// The picture as the network's input has it. With `keepsSize`, one that has the input's size
  /// already stays as it is.
  ///
  /// - Throws: `DatasetError.imageShape` where the preprocessing leads to another size.
  func callAsFunction(_ image: Image, keepsSize: Bool) throws(DatasetError) -> Image {
    let isSized = image.height == inputShape.height && image.width == inputShape.width
    let sized = keepsSize && isSized ? image : cropped(resized(image))
    let fitted = inputShape.channels == 1 ? sized.luma : sized
    guard fitted.shape == inputShape else {
      throw .imageShape(expected: inputShape, found: fitted.shape)
    }
    return fitted
  }

  private func resized(_ image: Image) -> Image {
    guard let side = preprocessing.resize else { return image }
    if preprocessing.squash { return image.resized(height: side, width: side) }
    // The long side is cut off, not rounded, as torchvision does.
    return image.height <= image.width
      ? image.resized(height: side, width: side * image.width / image.height)
      : image.resized(height: side * image.height / image.width, width: side)
  }

  /// The square at the center; the picture itself where it is smaller.
  private func cropped(_ image: Image) -> Image {
    guard let side = preprocessing.crop, side <= image.height, side <= image.width else {
      return image
    }
    return image.cropped(
      top: Self.halved(image.height - side), left: Self.halved(image.width - side), side: side)
  }

  /// Half of `rest`, ties to even, as Python rounds.
  private static func halved(_ rest: Int) -> Int { (rest + (rest >> 1 & 1)) / 2 }
}

extension Image {
  fileprivate func cropped(top: Int, left: Int, side: Int) -> Image {
    let rows = (top..<top + side).flatMap { y in
      let start = (y * width + left) * channels
      return pixels[start..<start + side * channels]
    }
    return Image(height: side, width: side, channels: channels, pixels: rows)
  }

  /// One channel of brightness (ITU-R BT.601), with Pillow's rounding; gray pictures as they are.
  fileprivate var luma: Image {
    guard channels == 3 else { return self }
    let gray = stride(from: 0, to: pixels.count, by: 3).map { start in
      let red = UInt32(pixels[start]) * 19595
      let green = UInt32(pixels[start + 1]) * 38470
      let blue = UInt32(pixels[start + 2]) * 7471
      return UInt8((red + green + blue + 0x8000) >> 16)
    }
    return Image(height: height, width: width, channels: 1, pixels: gray)
  }
}
