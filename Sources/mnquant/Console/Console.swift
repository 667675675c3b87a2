internal import Foundation

/// The two streams: results on stdout, everything else on stderr.
enum Console {
  /// One line of results.
  static func result(_ line: String) { write(visible(line) + "\n", to: .standardOutput) }

  /// One line that is no result: progress, a note, an error.
  static func note(_ line: String) { write(visible(line) + "\n", to: .standardError) }

  /// `text` with `\u{…}` for what a terminal would obey and nobody would see, such as in names that
  /// somebody else chose.
  private static func visible(_ text: String) -> String {
    var visible = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control where scalar == "\n" || scalar == "\t": visible.append(scalar)
      case .control, .format, .lineSeparator, .paragraphSeparator:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        visible.append(contentsOf: "\\u{\(digits)}".unicodeScalars)
      default: visible.append(scalar)
      }
    }
    return String(visible)
  }

  /// What a user can do something about, one line each.
  static func warn(_ warnings: [String]) {
    for warning in warnings { note("warning: \(warning)") }
  }

  /// `value` as the one JSON object on stdout, keys sorted.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let json = String(decoding: try encoder.encode(value), as: UTF8.self)
    write(json + "\n", to: .standardOutput)
  }

  /// Whether somebody may be looking at stderr.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// `text` as it is, such as a line to be overwritten.
  static func write(_ text: String, to stream: FileHandle) {
    // A reader that has gone away is no reason to fail.
    try? stream.write(contentsOf: Data(text.utf8))
  }
}
