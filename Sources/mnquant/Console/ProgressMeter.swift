private import FoundationEssentials
internal import Pipeline
internal import Quantizer
private import Synchronization

/// Shows on stderr how far long work has come: a bar on a terminal, else a line now and then.
final class ProgressMeter: Sendable {
  private let title: String
  private let counts: Bool
  private let following: Int
  private let isTerminal: Bool
  private let start = ContinuousClock.now
  private let lastShown: Mutex<ContinuousClock.Instant>

  /// Seconds between two updates on a terminal, and between two lines of a log.
  private static let intervals = (terminal: Duration.milliseconds(100), log: Duration.seconds(10))

  /// - Parameters:
  ///   - counts: Whether the parts are things to count, such as images, and not shares of
  ///   work.
  ///   - following: How many steps that take about as long come behind it.
  init(_ title: String, counts: Bool = true, following: Int = 0) {
    self.title = title
    self.counts = counts
    self.following = following
    isTerminal = Console.isTerminal
    lastShown = Mutex(start)
  }

  /// Shows that `done` of `total` parts are done, unless something was shown a moment ago. The
  /// last part is always shown.
  func update(done: Int, total: Int) {
    let now = ContinuousClock.now
    adviseOnce(after: (now - start) / .seconds(1), done: done, total: total)
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

  /// Says once, of the first step that is long with those that follow it, what would make it shorter.
  private func adviseOnce(after elapsed: Double, done: Int, total: Int) {
    let line = ProgressLine(
      title: title, done: done, total: total, counts: counts, elapsed: elapsed)
    guard line.isTelling, done < total, !Self.hasAdvised.load(ordering: .relaxed) else { return }
    let seconds = elapsed / Double(done) * Double(total) * Double(1 + following)
    guard seconds >= Self.longStep, let advice = Advice.words(of: title),
      !Self.hasAdvised.exchange(true, ordering: .relaxed)
    else { return }
    let words = following > 0 ? "all epochs" : title
    let text = "\(words): about \(ProgressLine.clock(seconds)) in all; sooner with \(advice)"
    isTerminal ? Console.log("\r\u{1B}[K" + text + "\n") : Console.note(text)
  }

  private static let hasAdvised = Atomic(false)
  /// Seconds from which on a step is worth advice.
  private static let longStep = 30.0
}

/// What makes long work shorter, in the options of the command that was typed.
private enum Advice {
  static func words(of step: String) -> String? {
    let typed = ProcessInfo.processInfo.arguments.dropFirst()
    let command = typed.first
    switch step {
    case "calibrate" where command == step:
      return "a smaller --samples, or --shard I/N on several machines"
    case "compare" where command == step && !typed.contains("--layers"):
      return "a smaller --limit, or --shard I/N on several machines"
    case "compare" where command == "report", "layers": return "a smaller --limit"
    case _ where step.hasPrefix("epoch "):
      return typed.contains { $0.hasPrefix("--tune") }
        ? "--tune MINUTES, which says how many"
        : "fewer --epochs, or --patience N, which stops where nothing improves"
    case "measure ranges", "refine ranges", "measure tensors", "quantize":
      return "--recipe fast of quantize, or a calibration of fewer --samples"
    case _ where step.hasPrefix("judge bias"):
      return words(of: "quantize")
    default: return nil
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
      var meter = ProgressMeter(
        progress.step, counts: progress.unit == .images, following: progress.following)
      if let last, last.step.step == progress.step, last.step.done <= progress.done {
        meter = last.meter
      }
      current = (progress, meter)
      return meter
    }
    meter.update(done: progress.done, total: progress.total)
  }
}

/// How far long work has come, as text.
struct ProgressLine {
  /// What is being done: `calibrate`.
  let title: String
  let done: Int
  let total: Int
  /// Whether the parts are things to count, such as images, and not shares of work.
  let counts: Bool
  /// Seconds since the start.
  let elapsed: Double

  /// For a terminal: `calibrate  [######------]  256/512  38.1/s  0:07 left`.
  var bar: String {
    let width = 24
    let filled = total > 0 ? width * done / total : 0
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
    return "\(title)  [\(bar)]  \(facts)"
  }

  /// For a log: `calibrate: 256/512, 38.1/s, 0:07 left`.
  var plain: String { "\(title): " + facts.replacing("  ", with: ", ") }

  private var facts: String {
    var facts =
      counts ? "\(done)/\(total)" : "\(total > 0 ? done * 100 / total : 0)%"
    guard done >= total || isTelling, elapsed > 0 else { return facts }
    let rate = Double(done) / elapsed
    if counts { facts += "  \(Format.decimal(rate, rate < 100 ? 1 : 0))/s" }
    let seconds = done < total ? Double(total - done) / rate : elapsed
    return facts + "  \(Self.clock(seconds)) \(done < total ? "left" : "in all")"
  }

  /// Whether the rate so far says something: the first parts, and the first second, tell little of the
  /// others.
  var isTelling: Bool { (counts ? done > 2 : done > total / 50) && elapsed >= 1 }

  /// Minutes and seconds: `0:07`.
  static func clock(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return "\(whole / 60):" + (whole % 60 < 10 ? "0" : "") + "\(whole % 60)"
  }
}
