/// Reads the Python dictionary in an `.npy` header: texts, truth values and tuples of sizes.
struct NumPyLiteral {
  enum Value: Hashable, CustomStringConvertible {
    case text(String)
    case truth(Bool)
    case tuple([Int])

    var description: String {
      switch self {
      case .text(let text): "'\(text)'"
      case .truth(let truth): "\(truth)"
      case .tuple(let sizes): "\(sizes)"
      }
    }
  }

  private var rest: Substring

  init(_ text: String) { rest = text[...] }

  /// The whole text as one dictionary; `nil` where it is anything else.
  mutating func dictionary() -> [String: Value]? {
    guard take("{") else { return nil }
    var fields: [String: Value] = [:]
    while !take("}") {
      guard let key = string(), take(":"), let value = value() else { return nil }
      fields[key] = value
      guard take(",") || next == "}" else { return nil }
    }
    return next == nil ? fields : nil
  }

  private mutating func value() -> Value? {
    if let text = string() { return .text(text) }
    if take("True") { return .truth(true) }
    if take("False") { return .truth(false) }
    guard take("(") else { return nil }
    var sizes: [Int] = []
    while !take(")") {
      guard let size = size() else { return nil }
      sizes.append(size)
      guard take(",") || next == ")" else { return nil }
    }
    return .tuple(sizes)
  }

  private mutating func string() -> String? {
    guard let quote = next, quote == "'" || quote == "\"",
      let end = rest.dropFirst().firstIndex(of: quote)
    else { return nil }
    let content = rest[rest.index(after: rest.startIndex)..<end]
    rest = rest[rest.index(after: end)...]
    return String(content)
  }

  /// Digits; those of Python 2 end in `L`.
  private mutating func size() -> Int? {
    skipSpace()
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    guard let size = Int(digits) else { return nil }
    rest = rest.dropFirst(digits.count)
    _ = take("L")
    return size
  }

  private var next: Character? {
    mutating get {
      skipSpace()
      return rest.first
    }
  }

  private mutating func take(_ token: String) -> Bool {
    skipSpace()
    guard rest.hasPrefix(token) else { return false }
    rest = rest.dropFirst(token.count)
    return true
  }

  private mutating func skipSpace() { rest = rest.drop { $0.isWhitespace } }
}
