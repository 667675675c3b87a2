/// What firmware says of itself when it has run: the lines of `make run`.
package struct FirmwareFigures: Encodable, Sendable {
  /// `10/10 exact`.
  package let selfTest: String
  /// Of one inference; `nil` where nothing counts them.
  package let instructions: Int?
  package let arenaBytes: Int
  /// The high-water mark.
  package let stackBytes: Int?
  package let codeBytes: Int?
  package let tableBytes: Int?

  /// Reads the lines that `make run` printed; `nil` where the verdict or the arena is missing.
  init?(output: String) {
    let pairs = output.split(separator: "\n").compactMap { line -> (String, String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      return (String(line[..<colon]), String(value))
    }
    let values = Dictionary(pairs, uniquingKeysWith: { $1 })
    guard let selfTest = values["self-test"], let arena = values["arena"].flatMap(Int.init) else {
      return nil
    }
    self.selfTest = selfTest
    arenaBytes = arena
    instructions = values["instructions"].flatMap(Int.init)
    stackBytes = values["stack"].flatMap(Int.init)
    codeBytes = values["code"].flatMap(Int.init)
    tableBytes = values["tables"].flatMap(Int.init)
  }
}
