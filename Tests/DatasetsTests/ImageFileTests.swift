import Datasets
import Files
import Foundation
import Testing

@Suite struct ImageFileTests {
  /// Every kind of file shows what Pillow shows, byte for byte: both decode JPEG by libjpeg-turbo.
  @Test(arguments: PixelOracle.small.files.keys.sorted())
  func showsWhatPillowShows(_ name: String) throws {
    let expected = try #require(PixelOracle.small.files[name])
    let image = try ImageFile.decode(bytes(name))
    #expect(image.channels == 3)
    #expect(image.width == expected.width)
    try #require(image.pixels.count == expected.pixels.count)
    #expect(largestDifference(image.pixels, expected.pixels) == 0)
  }

  /// A file cut off anywhere is no picture, and no crash.
  @Test(arguments: ["orientation-6.jpg", "progressive.jpg", "cmyk.jpg", "rgba.png", "palette.png"])
  func refusesWhatIsCutOff(_ name: String) throws {
    let whole = try bytes(name)
    // JPEG decodes without its last two bytes, the end mark, as everybody's decoder does.
    for count in 0..<whole.count - 2 {
      #expect(throws: ImageProblem.self, "\(count) bytes") {
        try ImageFile.decode(Array(whole.prefix(count)))
      }
    }
  }

  /// Flipped bits may give other pixels or an error, and never a trap.
  @Test(arguments: ["orientation-6.jpg", "progressive.jpg", "rgba.png", "orientation-6.png"])
  func survivesFlippedBits(_ name: String) throws {
    let whole = try bytes(name)
    var refused = 0
    for bit in 0..<whole.count * 8 {
      var flipped = whole
      flipped[bit / 8] ^= 1 << (bit % 8)
      if (try? ImageFile.decode(flipped)) == nil { refused += 1 }
    }
    #expect(refused > 0)
  }

  @Test func saysWhatIsWrong() throws {
    #expect(throws: ImageProblem.unknownFormat) { try ImageFile.decode(Array("<html>".utf8)) }
    #expect(throws: ImageProblem.unknownFormat) { try ImageFile.decode([]) }
    let cut = Array(try bytes("rgba.png").prefix(200))
    #expect(throws: ImageProblem.damaged("the file is cut off")) { try ImageFile.decode(cut) }
    var bomb = try bytes("rgba.png")
    bomb.replaceSubrange(16..<24, with: [0, 15, 66, 64, 0, 15, 66, 64])
    #expect(throws: ImageProblem.self) { try ImageFile.decode(bomb) }
  }

  /// The size is refused before there is room for it: nothing of the picture itself is needed.
  @Test func refusesAClaimedSizeFromTheHeaderAlone() throws {
    var file = try bytes("progressive.jpg")
    func place(of marker: UInt8) throws -> Int {
      try #require(file.indices.dropLast().first { file[$0] == 0xFF && file[$0 + 1] == marker })
    }
    let frame = try place(of: 0xC2)
    file.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
    let scan = try place(of: 0xDA)
    let length = Int(file[scan + 2]) << 8 | Int(file[scan + 3])
    #expect(
      throws: ImageProblem.damaged("it claims 65500 x 65500 pixels; expected 1 to 268435456 in all")
    ) { try ImageFile.decode(Array(file.prefix(scan + 2 + length))) }
  }

  /// Sizes that may be, of which the file has but a few bytes.
  @Test func refusesASizeThatItsBytesCannotHold() throws {
    var photo = try bytes("progressive.jpg")
    let frame = try #require(
      photo.indices.dropLast().first { photo[$0] == 0xFF && photo[$0 + 1] == 0xC2 })
    photo.replaceSubrange(frame + 5..<frame + 9, with: [0x3E, 0x80, 0x3E, 0x80])
    var drawing = try bytes("bits.png")
    drawing.replaceSubrange(16..<24, with: [0, 0, 0x3E, 0x80, 0, 0, 0x3E, 0x80])
    let sum = CRC32(drawing[12..<29]).value
    drawing.replaceSubrange(29..<33, with: (0..<4).map { UInt8(sum >> (24 - 8 * $0) & 255) })
    for file in [photo, drawing] {
      let problem = #expect(throws: ImageProblem.self) { try ImageFile.decode(file) }
      guard case .damaged(let reason) = problem else {
        Issue.record("\(String(describing: problem))")
        continue
      }
      #expect(reason.hasPrefix("the file is cut off: it claims 16000 x 16000 pixels"), "\(reason)")
    }
  }

  private func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: PixelOracle.folder.appending(path: name)))
  }
}
