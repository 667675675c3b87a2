internal import ImageCodecs
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
