extension Image {
  /// The picture turned and mirrored so that an EXIF orientation in `1...8` becomes 1.
  func upright(_ orientation: Int) -> Image {
    precondition((1...8).contains(orientation))
    if orientation == 1 { return self }
    // 5 to 8 have rows for columns; the sides from which the stored rows and columns run follow.
    let isTransposed = orientation >= 5
    let startsAtBottom = [3, 4, 7, 8].contains(orientation)
    let startsAtRight = [2, 3, 6, 7].contains(orientation)
    let (newHeight, newWidth) = isTransposed ? (width, height) : (height, width)
    var turned: [UInt8] = []
    turned.reserveCapacity(pixels.count)
    for y in 0..<newHeight {
      for x in 0..<newWidth {
        let row = isTransposed ? x : y
        let column = isTransposed ? y : x
        let storedRow = (isTransposed ? startsAtRight : startsAtBottom) ? height - 1 - row : row
        let storedColumn =
          (isTransposed ? startsAtBottom : startsAtRight) ? width - 1 - column : column
        let start = (storedRow * width + storedColumn) * channels
        turned += pixels[start..<start + channels]
      }
    }
    return Image(height: newHeight, width: newWidth, channels: channels, pixels: turned)
  }
}
