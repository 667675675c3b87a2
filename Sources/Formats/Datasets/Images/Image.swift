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

/// The one fact of EXIF data that concerns a network: which way up the picture is.
enum EXIF {
  /// The orientation in a JPEG or PNG file, in `1...8`; 1, upright, where it says nothing.
  ///
  /// Source: CIPA DC-008, 4.6.4 tag 274; ISO/IEC 10918-1, B.1; PNG, 11.3.3.6.
  static func orientation(_ file: [UInt8]) -> Int {
    let data = file.starts(with: [0xFF, 0xD8]) ? inJPEG(file) : inPNG(file)
    guard let data, let orientation = orientation(tiff: data) else { return 1 }
    return (1...8).contains(orientation) ? orientation : 1
  }

  /// The TIFF data of the first APP1 segment that is EXIF.
  private static func inJPEG(_ file: [UInt8]) -> ArraySlice<UInt8>? {
    let signature = Array("Exif\0\0".utf8)
    var offset = 2
    while offset + 4 <= file.count, file[offset] == 0xFF, file[offset + 1] != 0xDA {
      let length = Int(file[offset + 2]) << 8 | Int(file[offset + 3])
      let end = offset + 2 + length
      guard length >= 2, end <= file.count else { return nil }
      let segment = file[offset + 4..<end]
      if file[offset + 1] == 0xE1, segment.starts(with: signature) {
        return segment.dropFirst(signature.count)
      }
      offset = end
    }
    return nil
  }

  /// The content of the eXIf chunk.
  private static func inPNG(_ file: [UInt8]) -> ArraySlice<UInt8>? {
    var offset = 8
    while offset + 12 <= file.count {
      let length = number(file[offset..<offset + 4], isLittleEndian: false)
      let end = offset + 12 + length
      guard end <= file.count else { return nil }
      if file[offset + 4..<offset + 8].elementsEqual("eXIf".utf8) {
        return file[offset + 8..<end - 4]
      }
      offset = end
    }
    return nil
  }

  /// The value of tag 274 in the first directory.
  private static func orientation(tiff: ArraySlice<UInt8>) -> Int? {
    let isLittleEndian = tiff.starts(with: [0x49, 0x49])
    func field(_ offset: Int, _ size: Int) -> Int? {
      guard offset >= 0, offset + size <= tiff.count else { return nil }
      let start = tiff.startIndex + offset
      return number(tiff[start..<start + size], isLittleEndian: isLittleEndian)
    }
    guard let directory = field(4, 4), let entries = field(directory, 2) else { return nil }
    for entry in 0..<entries {
      let offset = directory + 2 + 12 * entry
      guard let tag = field(offset, 2) else { return nil }
      if tag == 274 { return field(offset + 8, 2) }
    }
    return nil
  }

  private static func number(_ bytes: ArraySlice<UInt8>, isLittleEndian: Bool) -> Int {
    let digits = isLittleEndian ? Array(bytes.reversed()) : Array(bytes)
    return digits.reduce(0) { $0 << 8 | Int($1) }
  }
}

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

extension Image {
  /// The picture with other numbers of rows and columns, antialiased and bilinear: the pixels of
  /// Pillow 13. Earlier ones always resize across first, which may differ by 1 where
  /// `resizesDownFirst`.
  package func resized(height: Int, width: Int) -> Image {
    resized(height: height, width: width, rows: 0..<height, columns: 0..<width)
  }

  /// The part of the resized picture that `rows` and `columns` hold; the rest, of any size, is not
  /// computed.
  package func resized(
    height newHeight: Int, width newWidth: Int, rows: Range<Int>, columns: Range<Int>
  ) -> Image {
    let down =
      newHeight == height ? nil : ResamplingTaps(from: height, to: newHeight, outputs: rows)
    let across =
      newWidth == width ? nil : ResamplingTaps(from: width, to: newWidth, outputs: columns)
    let source = cropped(rows: down?.inputs ?? rows, columns: across?.inputs ?? columns)
    if resizesDownFirst(height: newHeight, width: newWidth) {
      let low = down.map(source.resizedDown) ?? source
      return across.map(low.resizedAcross) ?? low
    }
    let wide = across.map(source.resizedAcross) ?? source
    return down.map(wide.resizedDown) ?? wide
  }

  /// Which way comes first, between which pixels are rounded to 8 bits: down where the picture loses
  /// rows, and more than twice as many as columns. Found by trying 10,000 sizes of noise, ties
  /// included, with Pillow 13.0.0.
  private func resizesDownFirst(height newHeight: Int, width newWidth: Int) -> Bool {
    newHeight < height && height - newHeight > 2 * (width - newWidth)
  }

  private func cropped(rows: Range<Int>, columns: Range<Int>) -> Image {
    if rows == 0..<height, columns == 0..<width { return self }
    var part: [UInt8] = []
    part.reserveCapacity(rows.count * columns.count * channels)
    for y in rows {
      let start = (y * width + columns.lowerBound) * channels
      part += pixels[start..<start + columns.count * channels]
    }
    return Image(height: rows.count, width: columns.count, channels: channels, pixels: part)
  }

  private func resizedAcross(_ taps: ResamplingTaps) -> Image {
    let newWidth = taps.firsts.count
    var result = [UInt8](repeating: 0, count: height * newWidth * channels)
    pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<height {
        for x in 0..<newWidth {
          let start = (y * width + taps.firsts[x]) * channels
          for c in 0..<channels {
            result[(y * newWidth + x) * channels + c] = Self.mix(
              pixels, from: start + c, step: channels, taps.parts[x])
          }
        }
      }
    }
    return Image(height: height, width: newWidth, channels: channels, pixels: result)
  }

  private func resizedDown(_ taps: ResamplingTaps) -> Image {
    let newHeight = taps.firsts.count
    let rowLength = width * channels
    var result = [UInt8](repeating: 0, count: newHeight * rowLength)
    pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<newHeight {
        for column in 0..<rowLength {
          result[y * rowLength + column] = Self.mix(
            pixels, from: taps.firsts[y] * rowLength + column, step: rowLength, taps.parts[y])
        }
      }
    }
    return Image(height: newHeight, width: width, channels: channels, pixels: result)
  }

  /// The weighted sum of every `step`-th value, rounded, ties up, and saturated.
  private static func mix(
    _ values: UnsafeBufferPointer<UInt8>, from start: Int, step: Int, _ parts: [Int32]
  ) -> UInt8 {
    // Parts sum to about 2^22 and values stay below 2^8, so the sum fits.
    var sum: Int32 = 1 << (ResamplingTaps.precision - 1)
    var position = start
    for part in parts {
      sum &+= Int32(values[position]) &* part
      position += step
    }
    return UInt8(clamping: sum >> ResamplingTaps.precision)
  }
}

/// Which input values make each output value of one axis, and in what parts, for a triangle filter
/// that widens as the image shrinks (antialiased bilinear resizing).
///
/// Source: Pillow `src/libImaging/Resample.c`, `precompute_coeffs` and `normalize_coeffs_8bpc`; the
/// integers are the same, so the pixels are.
struct ResamplingTaps {
  /// Bits of the parts below the binary point.
  static let precision = 22

  /// The inputs that any output takes part of.
  let inputs: Range<Int>
  /// The first input of each output, counted from the first of `inputs`.
  let firsts: [Int]
  /// The parts of the inputs of each output, which sum to about `1 << precision`.
  let parts: [[Int32]]

  /// - Parameter outputs: Those wanted, of `outputCount`.
  init(from inputCount: Int, to outputCount: Int, outputs: Range<Int>) {
    let scale = Double(inputCount) / Double(outputCount)
    let support = max(scale, 1)
    var (starts, parts, last) = ([Int](), [[Int32]](), 0)
    for output in outputs {
      let center = (Double(output) + 0.5) * scale
      let first = max(Int(center - support + 0.5), 0)
      let end = min(Int(center + support + 0.5), inputCount)
      let weights = (first..<end).map { input in
        max(0, 1 - abs((Double(input) - center + 0.5) * (1 / support)))
      }
      let sum = weights.reduce(0, +)
      starts.append(first)
      parts.append(weights.map { Int32(0.5 + $0 / sum * Double(1 << Self.precision)) })
      last = end
    }
    let start = starts.first ?? 0
    inputs = start..<max(start, last)
    firsts = starts.map { $0 - start }
    self.parts = parts
  }
}
