internal import Foundation

/// The two streams: results on stdout, everything else on stderr.
enum Console {
  /// One line of results.
  static func result(_ line: String) { write(line + "\n", to: .standardOutput) }

  /// One line that is no result: progress, a note, an error.
  static func note(_ line: String) { write(line + "\n", to: .standardError) }

  /// What a user can do something about, one line each.
  static func warn(_ warnings: [String]) {
    for warning in warnings { note("warning: \(warning)") }
  }

  /// `value` as the one JSON object on stdout, keys sorted.
  static func json(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    result(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// Whether somebody may be looking at stderr.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// `text` as it is, such as a line to be overwritten.
  static func write(_ text: String, to stream: FileHandle) {
    // A reader that has gone away is no reason to fail.
    try? stream.write(contentsOf: Data(text.utf8))
  }
}
