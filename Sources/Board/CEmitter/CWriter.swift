internal import BoardKernels

/// Text of one C file. Knows indentation and array layout, nothing about networks.
struct CWriter {
  private(set) var text = ""
  private var depth: Int
  /// The widest line that it wraps to.
  static let width = 100

  /// - Parameter depth: How far lines are indented, in steps.
  init(depth: Int = 0) { self.depth = depth }

  /// One line at the current indentation; an empty one without.
  mutating func line(_ content: String = "") {
    text += content.isEmpty ? "\n" : indentation + content + "\n"
  }

  /// Lines as they stand, each with its end.
  mutating func lines(_ content: String) { text += content }

  /// `header {`, an indented body, then `closing`.
  mutating func braced(
    _ header: String, closing: String = "}", _ body: (inout CWriter) -> Void
  ) {
    line(header.isEmpty ? "{" : header + " {")
    depth += 1
    body(&self)
    depth -= 1
    line(closing)
  }

  /// `static const MNQ_ALIGNED type name[count] = { … };`.
  mutating func table<Value: FixedWidthInteger>(_ type: String, _ name: String, _ values: [Value]) {
    braced("static const MNQ_ALIGNED \(type) \(name)[\(values.count)] =", closing: "};") {
      $0.wrapped(values)
    }
  }

  /// The values, separated by commas, as many to a line as fit; `suffix` is that of C's constants.
  mutating func wrapped<Value: FixedWidthInteger>(_ values: [Value], _ suffix: String = "") {
    var row = indentation
    for value in values {
      let number = String(value) + suffix
      if row.utf8.count + number.utf8.count + 1 > Self.width {
        row.removeLast()
        text += row + "\n"
        row = indentation
      }
      row += number + ", "
    }
    row.removeLast()
    text += row + "\n"
  }

  /// A comment block of one line or more.
  mutating func comment(_ lines: [String]) {
    let safe = lines.map(PlainText.comment)
    for (index, content) in safe.enumerated() {
      let opening = index == 0 ? "/* " : " * "
      line(opening + content + (index == safe.count - 1 ? " */" : ""))
    }
  }

  private var indentation: String { String(repeating: " ", count: 4 * depth) }
}

/// Records and tables as C initializers.
extension CWriter {
  /// The fields of a struct; `table` gives the expression for a table of the layer.
  mutating func fields(_ record: LayerRecord, table: (String) -> String) {
    for field in record.fields {
      switch field.value {
      case .number(let number): line(".\(field.name) = \(number),")
      case .constant(let name, _): line(".\(field.name) = \(name),")
      case .numbers(let numbers): line(".\(field.name) = \(Self.braces(numbers)),")
      case .channel(let channel): line(".\(field.name) = \(Self.braces(channel.numbers)),")
      case .record(let record):
        braced(".\(field.name) =", closing: "},") { $0.fields(record, table: table) }
      case .table(let name?): line(".\(field.name) = \(table(name)),")
      case .table(nil): break
      }
    }
  }

  /// The elements of a table.
  mutating func elements(_ table: LayerTable) {
    switch table.values {
    case .int8(let values): wrapped(values)
    case .int16(let values): wrapped(values)
    case .int32(let values): wrapped(values)
    case .channels(let channels):
      for channel in channels { line(Self.braces(channel.numbers) + ",") }
    }
  }

  private static func braces(_ numbers: [some BinaryInteger]) -> String {
    "{" + numbers.map { "\($0)" }.joined(separator: ", ") + "}"
  }
}

extension LayerTable {
  /// The C type of an element.
  var elementType: String {
    switch values {
    case .int8: "int8_t"
    case .int16: "int16_t"
    case .int32: "int32_t"
    case .channels: "mnq_channel"
    }
  }
}

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
