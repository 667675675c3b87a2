internal import Files

/// A PNG file of rows as they are, by the letter of the standard: stored blocks, no filters.
package struct PNG {
  package var width: Int
  package var height: Int
  /// 1 to 16 bits a sample.
  package var depth: UInt8 = 8
  /// 0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGB with alpha.
  package var color: UInt8
  /// Each row's bytes.
  package var rows: [[UInt8]]
  /// Further chunks in front of the pixels.
  package var chunks: [(name: String, content: [UInt8])] = []

  package init(
    width: Int, height: Int, depth: UInt8 = 8, color: UInt8, rows: [[UInt8]],
    chunks: [(name: String, content: [UInt8])] = []
  ) {
    self.width = width
    self.height = height
    self.depth = depth
    self.color = color
    self.rows = rows
    self.chunks = chunks
  }

  package var bytes: [UInt8] {
    let header = Self.word(width) + Self.word(height) + [depth, color, 0, 0, 0]
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let all =
      [("IHDR", header)] + chunks.map { ($0.name, $0.content) } + [("IDAT", stream), ("IEND", [])]
    for (name, content) in all {
      let named = Array(name.utf8) + content
      file += Self.word(content.count) + named + Self.word(Int(CRC32(named).value))
    }
    return file
  }

  /// RFC 1950 around one stored block of RFC 1951.
  private var stream: [UInt8] {
    let raw = rows.flatMap { row -> [UInt8] in [0] + row }
    var (a, b) = (1, 0)
    for byte in raw {
      a = (a + Int(byte)) % 65521
      b = (b + a) % 65521
    }
    var stream: [UInt8] = [0x78, 0x01, 1]
    let length = [UInt8(raw.count & 255), UInt8(raw.count >> 8)]
    stream += length
    stream += length.map { ~$0 }
    stream += raw
    stream += Self.word(b << 16 | a)
    return stream
  }

  private static func word(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { (shift: Int) in UInt8(value >> shift & 255) }
  }
}
