/// Text that somebody else chose, a model's or a layer's name, as it may stand in emitted files.
///
/// Everything is decided by bytes and scalars, never by `Character`: `*/` and a combining mark after
/// it are no `/` to Swift, and one to a compiler.
enum PlainText {
  /// For a line of a C comment: neither ends it nor begins another, holds no trigraph, and does not
  /// end in a backslash, which would take in the line's end. What is not printable ASCII, and a
  /// backslash, becomes `\u{…}` in the way of Swift.
  static func comment(_ text: String) -> String {
    var safe: [UInt8] = []
    for scalar in text.unicodeScalars {
      let bytes = scalar == "\\" ? escape(scalar) : plain(scalar)
      // Nothing here pairs with the byte before it.
      if let last = safe.last, let first = bytes.first, pairs.contains([last, first]) {
        safe.append(UInt8(ascii: " "))
      }
      safe += bytes
    }
    return String(decoding: safe, as: UTF8.self)
  }

  private static let pairs: Set<[UInt8]> = Set(["*/", "/*", "??"].map { Array($0.utf8) })

  /// A C string literal. What is not printable ASCII becomes an octal escape, byte by byte in UTF-8;
  /// so do a quote, a backslash and, on account of trigraphs, a question mark become escapes.
  static func literal(_ text: String) -> String {
    let escaped = text.utf8.map { byte -> String in
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "?"):
        "\\" + String(UnicodeScalar(byte))
      case 0x20..<0x7F: String(UnicodeScalar(byte))
      default: "\\" + padded(String(byte, radix: 8), 3)
      }
    }
    return "\"" + escaped.joined() + "\""
  }

  /// For a line of Markdown, inside of a code span and outside: neither markup nor HTML.
  static func markdown(_ text: String) -> String {
    let active = Set("\\`*[]<>|&#~!$".unicodeScalars)
    return String(
      decoding: text.unicodeScalars.flatMap { active.contains($0) ? escape($0) : plain($0) },
      as: UTF8.self)
  }

  /// JSON with `\u` escapes for what is not ASCII, which stands in strings alone.
  static func json(_ text: String) -> String {
    String(
      decoding: text.utf16.flatMap { unit -> [UInt8] in
        unit < 0x7F ? [UInt8(unit)] : Array(("\\u" + padded(String(unit, radix: 16), 4)).utf8)
      }, as: UTF8.self)
  }

  /// The scalar, or its escape where it is not printable ASCII.
  private static func plain(_ scalar: Unicode.Scalar) -> [UInt8] {
    (0x20..<0x7F).contains(scalar.value) ? [UInt8(scalar.value)] : escape(scalar)
  }

  private static func escape(_ scalar: Unicode.Scalar) -> [UInt8] {
    Array("\\u{\(String(scalar.value, radix: 16, uppercase: true))}".utf8)
  }

  private static func padded(_ digits: String, _ count: Int) -> String {
    String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
  }
}
