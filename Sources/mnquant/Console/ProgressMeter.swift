internal import Foundation
internal import Quantizer
private import Synchronization

/// Shows on stderr how far long work has come: a bar on a terminal, else a line now and then.
final class ProgressMeter: Sendable {
  private let title: String
  private let counts: Bool
  private let isTerminal: Bool
  private let start = ContinuousClock.now
  private let lastShown: Mutex<ContinuousClock.Instant>

  /// Seconds between two updates on a terminal, and between two lines of a log.
  private static let intervals = (terminal: Duration.milliseconds(100), log: Duration.seconds(10))

  /// - Parameter counts: Whether the parts are things to count, such as images, and not shares of
  ///   work.
  init(_ title: String, counts: Bool = true) {
    self.title = title
    self.counts = counts
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
    let line = ProgressLine(
      title: title, done: done, total: total, counts: counts, elapsed: elapsed)
    if isTerminal {
      let end = done >= total ? "\n" : ""
      Console.log("\r\u{1B}[K" + line.bar + end)
    } else {
      Console.note(line.plain)
    }
  }
}

/// The meters of a quantization: a new one for each step, and for a step that begins again.
struct StepMeter {
  private var last: (progress: StepProgress, meter: ProgressMeter)?

  /// Shows how far the quantization has come.
  mutating func update(_ progress: StepProgress) {
    let meter: ProgressMeter
    if let last, last.progress.step == progress.step, last.progress.done <= progress.done {
      meter = last.meter
    } else {
      meter = ProgressMeter(progress.step, counts: progress.unit == .images)
    }
    last = (progress, meter)
    meter.update(done: progress.done, total: progress.total)
  }
}
