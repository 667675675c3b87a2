internal import Foundation
internal import Pipeline
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

extension Console {
  /// The meter of the step that runs, and how far it has come.
  private static let current = Mutex<(step: StepProgress, meter: ProgressMeter)?>(nil)

  /// Shows what a step tells, on stderr.
  @Sendable static func tell(_ event: PipelineEvent) {
    switch event {
    case .progress(let progress): update(progress)
    case .warnings(let sentences): warn(sentences)
    default: note(event.description)
    }
  }

  /// Shows how far a step has come: a new meter for each, and for one that begins again.
  private static func update(_ progress: StepProgress) {
    let meter = current.withLock { current in
      let last = current
      var meter = ProgressMeter(progress.step, counts: progress.unit == .images)
      if let last, last.step.step == progress.step, last.step.done <= progress.done {
        meter = last.meter
      }
      current = (progress, meter)
      return meter
    }
    meter.update(done: progress.done, total: progress.total)
  }
}

extension Pipeline {
  /// The pipeline whose steps are shown on stderr.
  static func shown(threads: Int = 1) -> Pipeline {
    Pipeline(threads: threads, tell: Console.tell)
  }
}
