import TestSupport
import Testing

/// `Docs/Reference/Errors.md` has the sentences of all errors; `MNQUANT_UPDATE_GOLDENS=1` writes it anew.
@Suite(.enabled(if: SourceTree.paths != nil, "\(SourceTree.absence)"))
struct ErrorPageTests {
  @Test func pageHasEverySentence() throws {
    var modules: [(title: String, sentences: [String])] = []
    for path in SourceTree.code(in: "Sources").sorted() where path.hasSuffix(".swift") {
      let found = Sentences.ofErrors(in: try SourceTree.text(path))
      guard !found.isEmpty else { continue }
      let parts = path.split(separator: "/")
      let title = String(parts[1] == "mnquant" || parts[1] == "Pipeline" ? parts[1] : parts[2])
      if modules.last?.title != title { modules.append((title, [])) }
      modules[modules.count - 1].sentences += found
    }
    try #require(modules.count > 12)
    var lines = [
      "# Errors", "",
      "Every error is one sentence: what, where, expected and found, what to do. `…` stands for names and numbers; "
        + "search the page for the words that stay. Status 1, but for gates (2) and wrong usage (64), which begin with "
        + "an option's name as a rule.", "",
      "Written by `swift test --filter ErrorPageTests` from the sources, by module.",
    ]
    for module in modules {
      lines += ["", "## \(module.title)", ""]
      var seen: Set<String> = []
      lines += module.sentences.filter { seen.insert($0).inserted }.map { "- \($0)" }
    }
    let text = lines.joined(separator: "\n") + "\n"
    #expect(try Golden.difference(of: text, from: "Docs/Reference/Errors.md") == nil)
  }

  @Test func sentencesAreReadFromCode() {
    let code = #"""
      enum ToyError: Error { case a(Int, String), b }
      extension ToyError: CustomStringConvertible {
        var description: String {
          switch self {
          // "no sentence": a comment
          case .a(let count, let name):
            "expected \(count == 1 ? "one" : "some") of \(name), "
              + list(name, "x") + "; found none of them"
          case .b: "a \"quoted\" word, and nothing else"
          }
        }
      }
      extension Toy: CustomStringConvertible { var description: String { "a toy is no error at all" } }
      func check() throws { throw ValidationError("--toy is \(1); expected 2 to 3.") }
      """#
    #expect(
      Sentences.ofErrors(in: code) == [
        "expected … of …, …; found none of them", "a \"quoted\" word, and nothing else",
        "--toy is …; expected 2 to 3.",
      ])
  }
}

/// Sentences in Swift code, with `…` for what is put in.
private struct Sentences {
  private let code: [Character]
  private var index = 0

  private init(_ code: Substring) { self.code = Array(code) }

  /// What errors say in `code`: types that describe themselves and are named for what goes wrong, and
  /// arguments of `Failure` and `ValidationError`.
  static func ofErrors(in code: String) -> [String] {
    var found: [String] = []
    let types =
      #/(?:enum|struct|extension) \w*(?:Error|Problem|Mismatch|WayOut|ForeignFile)\b[^{\n]*CustomStringConvertible[^{\n]*\{/#
    for match in code.matches(of: types) {
      let rest = code[match.range.upperBound...]
      found += all(in: rest[..<(rest.firstRange(of: "\n}")?.lowerBound ?? rest.endIndex)])
    }
    for match in code.matches(of: #/\b(?:Failure|ValidationError)\(\s*(?=")/#) {
      var sentences = Sentences(code[match.range.upperBound...])
      if let first = sentences.next() { found.append(first) }
    }
    // Parts that a sentence puts in are told by a mark in front.
    return found.filter {
      !$0.hasPrefix(" ") && !$0.hasPrefix(";")
        && $0.split(separator: " ").count { $0.contains(/\w/) } >= 3
    }
  }

  private static func all(in code: Substring) -> [String] {
    var sentences = Sentences(code)
    var all: [String] = []
    while let sentence = sentences.next() { all.append(sentence) }
    return all
  }

  /// The next literal with those that `+` joins to it.
  private mutating func next() -> String? {
    guard skipToLiteral() else { return nil }
    var sentence = literal()
    while true {
      skipBlanks()
      guard index < code.count, code[index] == "+" else { return sentence }
      index += 1
      skipBlanks()
      if index < code.count, code[index] == "\"" {
        sentence += literal()
      } else {
        skipOperand()
        if !sentence.hasSuffix("…") { sentence += "…" }
      }
    }
  }

  private mutating func skipToLiteral() -> Bool {
    while index < code.count, code[index] != "\"" {
      if starts("//") {
        while index < code.count, code[index] != "\n" { index += 1 }
      } else {
        index += 1
      }
    }
    return index < code.count
  }

  private mutating func skipBlanks() {
    while index < code.count, code[index].isWhitespace { index += 1 }
  }

  /// Skips what is added to a sentence and no literal, up to a `+` behind it or the end of its line.
  private mutating func skipOperand() {
    var depth = 0
    while index < code.count {
      switch code[index] {
      case "(", "[", "{": depth += 1
      case ")", "]", "}":
        if depth == 0 { return }
        depth -= 1
      case "\"":
        _ = literal()
        continue
      case "+" where depth == 0, "\n" where depth == 0, "," where depth == 0: return
      default: break
      }
      index += 1
    }
  }

  private func starts(_ mark: String) -> Bool {
    code[index...].prefix(mark.count).elementsEqual(mark)
  }

  /// The text of the literal that begins here, in one line.
  private mutating func literal() -> String {
    let mark = starts("\"\"\"") ? "\"\"\"" : "\""
    index += mark.count
    var text = ""
    while index < code.count, !starts(mark) {
      let character = code[index]
      index += 1
      guard character == "\\", index < code.count else {
        text.append(character)
        continue
      }
      let escaped = code[index]
      index += 1
      if escaped == "(" {
        skipInterpolation()
        text += "…"
      } else if escaped == "\n" {
        // A line of a longer text that goes on in the next.
      } else {
        text.append(escaped == "n" ? " " : escaped)
      }
    }
    index += mark.count
    let joins = text.hasSuffix(" ")
    let line = text.split { $0.isWhitespace }.joined(separator: " ")
    return mark.count == 1 ? text : line + (joins ? " " : "")
  }

  private mutating func skipInterpolation() {
    var depth = 1
    while index < code.count, depth > 0 {
      switch code[index] {
      case "(": depth += 1
      case ")": depth -= 1
      case "\"":
        _ = literal()
        continue
      default: break
      }
      index += 1
    }
  }
}
