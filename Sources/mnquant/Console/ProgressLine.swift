internal import Pipeline

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
    // The first parts, and the first second, tell little of the others.
    let isTelling = counts ? done > 2 : done > total / 50
    guard done >= total || (isTelling && elapsed >= 1), elapsed > 0 else { return facts }
    let rate = Double(done) / elapsed
    if counts { facts += "  \(Format.decimal(rate, rate < 100 ? 1 : 0))/s" }
    let seconds = done < total ? Double(total - done) / rate : elapsed
    return facts + "  \(Self.clock(seconds)) \(done < total ? "left" : "in all")"
  }

  /// Minutes and seconds: `0:07`.
  private static func clock(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return "\(whole / 60):" + (whole % 60 < 10 ? "0" : "") + "\(whole % 60)"
  }
}
