private import Files
internal import FoundationEssentials
private import Glibc
internal import Pipeline
private import Synchronization

/// The two streams: results on stdout, everything else on stderr.
enum Console {
  /// One line of results.
  static func result(_ line: String) { print(visible(line)) }

  /// One line that is no result: progress, a note, an error.
  static func note(_ line: String) { log(visible(line) + "\n") }

  /// `text` with `\u{…}` for what a terminal would obey and nobody would see, such as in names that
  /// somebody else chose; also for ends of lines, so that no name passes for a sentence of its own.
  private static func visible(_ text: String) -> String {
    var visible = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control where scalar == "\t": visible.append(scalar)
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
    hasPrintedJSON.withLock { $0 = true }
    print(json)
  }

  /// Where the user asked for JSON and none has been printed: the error as the one object.
  static func jsonError(_ sentence: String, status: Int32) {
    guard ProcessInfo.processInfo.arguments.contains("--json"), !hasPrintedJSON.withLock({ $0 })
    else { return }
    try? json(["error": JSONError(message: sentence, status: status)])
  }

  private struct JSONError: Encodable {
    let message: String
    let status: Int32
  }

  private static let hasPrintedJSON = Mutex(false)

  /// Whether somebody may be looking at stderr.
  static var isTerminal: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// `text` as it is on stderr, such as a line to be overwritten. Where nobody can read it, it is
  /// no reason to fail.
  static func log(_ text: String) { _ = StandardStreams.write(text, to: STDERR_FILENO) }

  /// A line of results; ends the program where it cannot be written.
  private static func print(_ line: String) {
    guard let code = StandardStreams.write(line + "\n", to: STDOUT_FILENO) else { return }
    let reason = code == EBADF ? "it is closed" : SystemError.words(code)
    Failure.exit(Failure("standard output cannot be written: \(reason)"))
  }
}

/// Standard input, output and error, as they were when the process started.
enum StandardStreams {
  /// Whether nobody gave the process a standard output.
  nonisolated(unsafe) private static var outputIsClosed = false

  /// Takes the places of closed streams, so that no file that is opened later gets them, and lets
  /// writing fail where it would otherwise end the process. To be called first.
  static func prepare() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
      if descriptor == STDOUT_FILENO { outputIsClosed = true }
      // The lowest number that is free.
      _ = open("/dev/null", O_RDWR)
    }
    // A reader that has gone, and a limit of file sizes: errors like others.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Writes all of `text` to `descriptor`; where that fails, the reason as a value of `errno`.
  static func write(_ text: String, to descriptor: Int32) -> Int32? {
    if descriptor == STDOUT_FILENO, outputIsClosed { return EBADF }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        // Somebody made the terminal or pipe one that does not wait.
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }
}

/// Rows of text in columns of equal width.
struct TextTable {
  enum Alignment { case left, right }

  private let alignments: [Alignment]
  private var rows: [[String]]

  /// A table with a header; one alignment a column.
  init(_ columns: [(title: String, alignment: Alignment)]) {
    alignments = columns.map(\.alignment)
    rows = [columns.map(\.title)]
  }

  /// Adds a row of one cell a column.
  mutating func add(_ cells: [String]) {
    precondition(cells.count == alignments.count)
    rows.append(cells)
  }

  /// The header and the rows, without trailing blanks.
  var lines: [String] {
    let widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let blanks = String(repeating: " ", count: widths[column] - row[column].count)
        return alignments[column] == .left ? row[column] + blanks : blanks + row[column]
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}

extension Pipeline {
  /// The pipeline whose steps are shown on stderr.
  static func shown(threads: Int = 1) -> Pipeline {
    Pipeline(threads: threads, tell: Console.tell)
  }
}
