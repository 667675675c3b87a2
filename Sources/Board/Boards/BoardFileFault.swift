/// What is wrong in a board's file.
package enum BoardFileFault: Hashable, Sendable {
  case tooLarge(bytes: Int, most: Int)
  case notJSON
  case unknownKey(String, known: [String])
  case missing(String)
  /// `key` is `nil` for the file as a whole.
  case wrongType(key: String?, expected: String, found: String)
  case outOfRange(key: String, range: ClosedRange<Int>, found: Double)
  case text(key: String, expected: String, found: String)
}

extension BoardFileFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooLarge(let bytes, let most):
      "expected the JSON object of a board, at most \(most) bytes, and found \(bytes)"
    case .notJSON: "expected the JSON object of a board, and this is not JSON"
    case .unknownKey(let key, let known):
      "\(Self.quoted(key)) is no key of a board file; expected one of \(known.joined(separator: ", "))"
    case .missing(let key): "the key \"\(key)\" is missing; add it"
    case .wrongType(let key, let expected, let found):
      (key.map { "\"\($0)\"" } ?? "the file") + " is \(found); expected \(expected)"
    case .outOfRange(let key, let range, let found):
      "\"\(key)\" is \(Self.number(found)); expected a whole number in "
        + "\(range.lowerBound) to \(range.upperBound)"
    case .text(let key, let expected, let found):
      "\"\(key)\" holds \(Self.quoted(found)); expected \(expected)"
    }
  }

  private static func number(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }

  /// In quotes, on one line, and short.
  private static func quoted(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(60).map { scalar in
      (0x20..<0x7F).contains(scalar.value) && scalar != "\""
        ? String(scalar)
        : "\\u{\(String(scalar.value, radix: 16))}"
    }
    return "\"" + shown.joined() + (text.unicodeScalars.count > 60 ? "…" : "") + "\""
  }
}
