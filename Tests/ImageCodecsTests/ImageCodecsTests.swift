import Foundation
import ImageCodecs
import TestSupport
import Testing

/// The decoders themselves, on files put together by hand.
@Suite struct ImageCodecsTests {
  private struct Problem: Error, Equatable {
    let sentence: String
  }

  private struct Picture: Equatable {
    let width: Int
    let height: Int
    let pixels: [UInt8]
  }

  private typealias Decoder = (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<mnqi_image>?) ->
    Int32

  private static func decode(_ bytes: [UInt8], _ decoder: Decoder) throws -> Picture {
    // In a block of exactly this size, so that a checking allocator sees one byte too many.
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    defer { copy.deallocate() }
    _ = copy.initialize(from: bytes)
    var image = mnqi_image()
    guard decoder(copy.baseAddress, copy.count, &image) == 1 else {
      #expect(image.pixels == nil)
      let text = withUnsafeBytes(of: image.problem) { Array($0.prefix { $0 != 0 }) }
      throw Problem(sentence: String(decoding: text, as: UTF8.self))
    }
    defer { mnqi_free(&image) }
    let count = Int(image.width) * Int(image.height) * 3
    return Picture(
      width: Int(image.width), height: Int(image.height),
      pixels: Array(UnsafeBufferPointer(start: image.pixels, count: count)))
  }

  private static func png(_ bytes: [UInt8]) throws -> Picture { try decode(bytes, mnqi_decode_png) }

  private static func jpeg(_ bytes: [UInt8]) throws -> Picture {
    try decode(bytes, mnqi_decode_jpeg)
  }

  private static func file(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: Locations.tests.appending(path: "DatasetsTests/Images/\(name)")))
  }

  @Test func rgbStaysAsItIs() throws {
    let rows: [[UInt8]] = [[1, 2, 3, 4, 5, 6], [255, 0, 128, 7, 8, 9]]
    let picture = try Self.png(PNG(width: 2, height: 2, color: 2, rows: rows).bytes)
    #expect(picture == Picture(width: 2, height: 2, pixels: rows.flatMap(\.self)))
  }

  /// The upper byte, whatever the lower one is.
  @Test func sixteenBitsBecomeTheUpperEight() throws {
    let rgb: [UInt8] = [0x12, 0xFF, 0x34, 0x80, 0x56, 0x00]
    #expect(
      try Self.png(PNG(width: 1, height: 1, depth: 16, color: 2, rows: [rgb]).bytes).pixels
        == [0x12, 0x34, 0x56])
    let gray: [UInt8] = [0xAB, 0xCD, 0x00, 0xFF]
    #expect(
      try Self.png(PNG(width: 2, height: 1, depth: 16, color: 0, rows: [gray]).bytes).pixels
        == [0xAB, 0xAB, 0xAB, 0, 0, 0])
  }

  @Test func grayBecomesThreeEqualChannels() throws {
    #expect(
      try Self.png(PNG(width: 3, height: 1, color: 0, rows: [[0, 77, 255]]).bytes).pixels
        == [0, 0, 0, 77, 77, 77, 255, 255, 255])
    // Two bits a pixel: 0, 1/3, 2/3 and all of 255.
    #expect(
      try Self.png(PNG(width: 4, height: 1, depth: 2, color: 0, rows: [[0b00_01_10_11]]).bytes)
        .pixels == [0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255])
  }

  @Test func alphaIsLeftOut() throws {
    #expect(
      try Self.png(PNG(width: 1, height: 1, color: 6, rows: [[10, 20, 30, 0]]).bytes).pixels
        == [10, 20, 30])
    #expect(
      try Self.png(PNG(width: 1, height: 1, color: 4, rows: [[99, 1]]).bytes).pixels
        == [99, 99, 99])
  }

  @Test func aPaletteNamesColors() throws {
    var image = PNG(width: 3, height: 1, depth: 4, color: 3, rows: [[0x01, 0x20]])
    image.chunks = [("PLTE", [9, 8, 7, 6, 5, 4, 3, 2, 1])]
    #expect(try Self.png(image.bytes).pixels == [9, 8, 7, 6, 5, 4, 3, 2, 1])
    // No palette at all.
    image.chunks = []
    #expect(throws: Problem.self) { try Self.png(image.bytes) }
  }

  @Test func refusesAPNGCutOffAnywhere() throws {
    let rows = [[UInt8]](repeating: [1, 2, 3, 4, 5, 6], count: 3)
    let whole = PNG(width: 2, height: 3, color: 2, rows: rows).bytes
    #expect(try Self.png(whole).pixels == rows.flatMap(\.self))
    for count in whole.indices {
      #expect(throws: Problem.self, "\(count) bytes") { try Self.png(Array(whole.prefix(count))) }
    }
  }

  /// A JPEG file needs all but its end mark, two bytes long.
  @Test(arguments: ["gray.jpg", "cmyk.jpg", "sampling-420.jpg", "progressive-444.jpg"])
  func refusesAJPEGCutOffAnywhere(_ name: String) throws {
    let whole = try Self.file(name)
    #expect(try Self.jpeg(whole).pixels.count > 0)
    for count in 0..<whole.count - 2 {
      #expect(throws: Problem.self, "\(count) bytes") { try Self.jpeg(Array(whole.prefix(count))) }
    }
  }

  @Test func grayJPEGHasThreeEqualChannels() throws {
    let picture = try Self.jpeg(Self.file("gray.jpg"))
    let (red, rest) = (
      stride(from: 0, to: picture.pixels.count, by: 3),
      picture.pixels
    )
    #expect(red.allSatisfy { rest[$0] == rest[$0 + 1] && rest[$0] == rest[$0 + 2] })
  }

  @Test func saysHowLargeIsTooLarge() {
    let image = PNG(width: 1 << 15, height: 1 << 15, color: 0, rows: [[0]])
    #expect(
      throws: Problem(
        sentence: "it claims 32768 x 32768 pixels; expected 1 to 268435456 in all")
    ) { try Self.png(image.bytes) }
    #expect(throws: Problem.self) {
      try Self.png(PNG(width: 1 << 14, height: 1 << 14, color: 2, rows: [[0]]).bytes)
    }
  }

  @Test(arguments: [true, false]) func writesWhatItReads(_ isGray: Bool) throws {
    let pixels = (0..<5 * 7 * (isGray ? 1 : 3)).map { UInt8(truncatingIfNeeded: $0 * 37) }
    var file = [UInt8](repeating: 0, count: 4096)
    let count = mnqi_encode_png(pixels, 5, 7, isGray ? 1 : 0, &file, file.count)
    let picture = try Self.png(Array(file.prefix(count)))
    #expect(picture.width == 7 && picture.height == 5)
    #expect(picture.pixels == (isGray ? pixels.flatMap { [$0, $0, $0] } : pixels))
    // Where there is no room, nothing is written beyond it.
    var short = [UInt8](repeating: 0xEE, count: count)
    #expect(mnqi_encode_png(pixels, 5, 7, isGray ? 1 : 0, &short, count - 1) == 0)
    #expect(short[count - 1] == 0xEE)
  }
}
