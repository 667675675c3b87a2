internal import ImageCodecs

/// JPEG and PNG files.
package enum ImageFile {
  /// The endings of the files' names, in lower case.
  static let extensions: Set<String> = ["jpg", "jpeg", "png"]

  /// The picture in a file, RGB and turned upright as its EXIF data says.
  ///
  /// - Throws: `ImageProblem`.
  package static func decode(_ bytes: [UInt8]) throws(ImageProblem) -> Image {
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return try decode(bytes, mnqi_decode_jpeg) }
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return try decode(bytes, mnqi_decode_png) }
    throw .unknownFormat
  }

  private static func decode(
    _ bytes: [UInt8],
    _ decoder: (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<mnqi_image>) -> Int32
  ) throws(ImageProblem) -> Image {
    var decoded = mnqi_image()
    let isDecoded = bytes.withUnsafeBufferPointer {
      decoder($0.baseAddress, $0.count, &decoded) != 0
    }
    guard isDecoded else {
      throw .damaged(
        withUnsafeBytes(of: decoded.problem) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    defer { mnqi_free(&decoded) }
    let (height, width) = (Int(decoded.height), Int(decoded.width))
    let pixels = UnsafeBufferPointer(start: decoded.pixels, count: height * width * 3)
    return Image(height: height, width: width, channels: 3, pixels: Array(pixels))
      .upright(EXIF.orientation(bytes))
  }
}
