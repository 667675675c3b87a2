import Foundation
import TestSupport
import Testing

/// One stem an operator: what a change of it has to look at.
@Suite(.enabled(if: SourceTree.paths != nil, "\(SourceTree.absence)"))
struct OperatorTests {
  /// A case of `Operation` and the type that it holds.
  private struct Named: Sendable {
    let operation: String
    let type: String

    /// Whether `path` has the stem in its file name.
    func owns(_ path: String) -> Bool {
      let name = SourceTree.name(path).lowercased().replacing("_", with: "")
      let isOther =
        operation == "conv2D" && (name.contains("depthwise") || name.contains("transposed"))
      return name.contains(operation.lowercased()) && !isOther
    }

    /// Whether a line of code is about it.
    func isNamed(in line: Substring) -> Bool {
      if line.contains("Operator.\(type)") { return false }
      let words = ["case .\(operation)", "case let .\(operation)", "case \(operation)"]
      if words.contains(where: { stands($0, in: line, before: " (:,") }) { return true }
      return stands(type, in: line, before: "(.:>,)?") || line.contains("extension \(type) {")
    }

    private func stands(_ word: String, in line: Substring, before next: String) -> Bool {
      line.ranges(of: word).contains { range in
        let isWhole =
          range.lowerBound == line.startIndex
          || !isPartOfName(line[line.index(before: range.lowerBound)])
        return isWhole && range.upperBound < line.endIndex && next.contains(line[range.upperBound])
      }
    }

    private func isPartOfName(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || "._\"".contains(character)
    }
  }

  /// Names and keywords, comments' as well: most files have none of an operator's, and to look at every
  /// line for every operator takes a quarter of a minute.
  private static func words(of text: String) -> Set<String> {
    let words = text.utf8.split { !$0.isWord }
    return Set(words.map { String(decoding: $0, as: UTF8.self) })
  }

  private static func operators() throws -> [Named] {
    let text = try SourceTree.text("Sources/Integer/QuantizedIR/Operation.swift")
    let found = text.matches(of: #/\n  (?:indirect )?case (\w+)\((\w+)\)/#)
      .map { Named(operation: String($0.output.1), type: String($0.output.2)) }
    try #require(found.count > 10)
    return found
  }

  /// C twins, of instruction sets, with a curve or over 16 bits, count as the kernel that they are.
  @Test func filesOfAnOperatorAreFew() throws {
    for named in try Self.operators() {
      let files = SourceTree.code(in: "Sources").filter(named.owns).map { path in
        path.hasSuffix(".swift")
          ? path
          : SourceTree.name(path).replacing(#/_(dsp|mve|fast|avx2|neon|curve|wide)/#, with: "")
      }
      #expect(Set(files).count <= 12, "\(named.type): \(Set(files).sorted())")
    }
  }

  /// Other files name it where `OperatorNames.txt` says what for.
  @Test func otherFilesThatNameAnOperatorAreListed() throws {
    let operators = try Self.operators()
    let reasons = try SourceTree.reasons("OperatorNames.txt")
    var naming: Set<String> = []
    for path in SourceTree.code(in: "Sources") where path.hasSuffix(".swift") {
      let text = try SourceTree.text(path)
      let words = Self.words(of: text)
      let lines = text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }
      let named = operators.filter { one in
        !words.isDisjoint(with: [one.operation, one.type]) && !one.owns(path)
          && lines.contains(where: one.isNamed)
      }
      guard !named.isEmpty else { continue }
      naming.insert(path)
      #expect(
        reasons[path]?.isEmpty == false,
        "\(path) names \(named.map(\.type)): say it in the layer, or why not in OperatorNames.txt")
    }
    let gone = Set(reasons.keys).subtracting(naming)
    #expect(gone.isEmpty, "these name none any more: take them out of OperatorNames.txt")
  }
}
