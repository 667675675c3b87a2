/// A line of code as the search for shared runs sees it.
struct SourceLine: Hashable, Sendable {
  /// From 1.
  let number: Int
  /// The line with every name, number and string taken for another of its kind.
  let shape: String
  /// The names in it, in order.
  let names: [String]

  /// The lines of `text` that say something: no comment, import or directive, no empty line, no
  /// punctuation alone.
  static func lines(of text: String) -> [SourceLine] {
    var isComment = false
    return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .compactMap { index, line in
        var tokens = Tokens(Array(line.utf8), isComment: isComment)
        let found = SourceLine(number: index + 1, &tokens)
        isComment = tokens.isComment
        return found
      }
  }

  private init?(number: Int, _ tokens: inout Tokens) {
    var (shape, names, says) = ("", [String](), false)
    while let token = tokens.next() {
      switch token {
      case .name(let name) where Self.keywords.contains(name):
        shape += name + " "
        says = true
      case .name(let name):
        shape += "n "
        names.append(name)
        says = true
      case .number: shape += "0 "
      case .string: shape += "s "
      case .mark(let mark): shape.unicodeScalars.append(mark)
      }
    }
    guard says, !shape.hasPrefix("#"), !Self.imports.contains(where: shape.hasPrefix) else {
      return nil
    }
    (self.number, self.shape, self.names) = (number, shape, names)
  }

  private static let imports = ["import ", "internal import ", "package import "]

  /// Words that stay themselves when a run is renamed.
  private static let keywords: Set<String> = [
    "import", "package", "internal", "private", "fileprivate", "public", "static", "let", "var",
    "func", "init", "struct", "enum", "class", "protocol", "extension", "case", "switch", "if",
    "else", "guard", "for", "while", "in", "return", "throws", "throw", "try", "await", "async",
    "self", "some", "any", "where", "do", "catch", "default", "nil", "true", "false", "as", "is",
    "inout", "mutating", "break", "continue", "Int", "Int8", "Int16", "Int32", "Int64", "UInt8",
    "Double", "Float", "String", "Bool", "const", "int8_t", "int16_t", "int32_t", "int64_t",
    "uint32_t", "size_t", "void", "float", "double", "char", "bool", "inline", "typedef", "sizeof",
  ]
}

/// The words of a line.
private struct Tokens {
  enum Token {
    case name(String)
    case number
    case string
    case mark(Unicode.Scalar)
  }

  private let bytes: [UInt8]
  private var index = 0
  /// Whether the line ends inside a comment of C.
  private(set) var isComment: Bool

  init(_ bytes: [UInt8], isComment: Bool) {
    (self.bytes, self.isComment) = (bytes, isComment)
  }

  mutating func next() -> Token? {
    while index < bytes.count {
      if isComment {
        isComment = !starts("*/")
        index += isComment ? 1 : 2
      } else if starts("//") {
        index = bytes.count
      } else if starts("/*") {
        isComment = true
        index += 2
      } else if bytes[index] <= 0x20 {
        index += 1
      } else {
        return token()
      }
    }
    return nil
  }

  private func starts(_ mark: StaticString) -> Bool {
    index + 1 < bytes.count && bytes[index] == mark.utf8Start[0]
      && bytes[index + 1] == mark.utf8Start[1]
  }

  private mutating func token() -> Token {
    let first = bytes[index]
    if first == UInt8(ascii: "\"") {
      skipString()
      return .string
    }
    guard first.isWord else {
      index += 1
      return .mark(Unicode.Scalar(first))
    }
    let start = index
    while index < bytes.count, bytes[index].isWord { index += 1 }
    let isNumber = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    return isNumber ? .number : .name(String(decoding: bytes[start..<index], as: UTF8.self))
  }

  private mutating func skipString() {
    index += 1
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    index += 1
  }
}

extension UInt8 {
  /// Whether names and numbers have this character.
  var isWord: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
