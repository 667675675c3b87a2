internal import Foundation
private import Synchronization

/// Shows on stderr how far long work has come: a bar on a terminal, else a line now and then.
final class ProgressMeter: Sendable {
  private let title: String
  private let isTerminal: Bool
  private let start = ContinuousClock.now
  private let lastShown: Mutex<ContinuousClock.Instant>

  /// Seconds between two updates on a terminal, and between two lines of a log.
  private static let intervals = (terminal: Duration.milliseconds(100), log: Duration.seconds(10))

  init(_ title: String) {
    self.title = title
    isTerminal = Console.isTerminal
    lastShown = Mutex(start)
  }

  /// Shows that `done` of `total` parts are done, unless something was shown a moment ago. The
  /// last part is always shown.
  func update(done: Int, total: Int) {
    let now = ContinuousClock.now
    let interval = isTerminal ? Self.intervals.terminal : Self.intervals.log
    let isDue = lastShown.withLock { last in
      guard done >= total || now - last >= interval else { return false }
      last = now
      return true
    }
    guard isDue else { return }
    let elapsed = (now - start) / .seconds(1)
    let line = ProgressLine(title: title, done: done, total: total, elapsed: elapsed)
    if isTerminal {
      let end = done >= total ? "\n" : ""
      Console.write("\r\u{1B}[K" + line.bar + end, to: .standardError)
    } else {
      Console.note(line.plain)
    }
  }
}
