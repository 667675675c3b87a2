internal import ImageCodecs

extension Image {
  /// The picture as a PNG file, shrunk where its longer side has more than `side` pixels.
  /// `nil` for one that is neither gray nor RGB.
  package func thumbnail(side: Int) -> [UInt8]? {
    guard channels == 1 || channels == 3 else { return nil }
    let longest = max(height, width)
    guard longest > side else { return png }
    return resized(height: max(1, height * side / longest), width: max(1, width * side / longest))
      .png
  }

  /// The picture as a PNG file.
  private var png: [UInt8] {
    precondition(channels == 1 || channels == 3)
    // Compression may add to noise: a filter byte a row, and blocks and chunks around them.
    let capacity = 2 * pixels.count + 8 * height + 1024
    return [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
      count = mnqi_encode_png(
        pixels, UInt32(height), UInt32(width), channels == 1 ? 1 : 0, target.baseAddress, capacity)
      precondition(count > 0, "a PNG file of \(height) by \(width) pixels did not fit")
    }
  }
}
