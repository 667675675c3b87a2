internal import Pipeline
internal import Training

/// What `train --sweep` prints of the runs that are done, the best one on images held out first.
struct SweepReport: Encodable {
  let folder: String
  let runs: [Run]
  /// How many there are, done or not.
  let count: Int
  /// Share of the test split that the first of `runs` gets right.
  let testAccuracy: Double?

  struct Run: Encodable {
    let run: Int
    let options: [String]
    /// The epoch that was kept.
    let epoch: Int
    let validationAccuracy: Double?
    let validationLoss: Double?
    let trainingAccuracy: Double?
  }

  /// The same as an object, for `--json`.
  init(_ sweep: Sweep, _ folder: String) {
    self.folder = folder
    count = sweep.count
    testAccuracy = sweep.ranked.first?.result.testAccuracy
    runs = sweep.ranked.map { entry in
      let kept = entry.result.kept
      return Run(
        run: entry.run.number, options: entry.run.options, epoch: entry.result.epoch,
        validationAccuracy: kept?.validationAccuracy, validationLoss: kept?.validationLoss,
        trainingAccuracy: kept?.trainingAccuracy)
    }
  }

  /// A table, and where more is to be seen.
  static func lines(_ sweep: Sweep, _ folder: String) -> [String] {
    var table = TextTable([
      ("run", .right), ("held out", .right), ("loss", .right), ("training", .right),
      ("epoch", .right), ("options", .left),
    ])
    for entry in sweep.ranked {
      let kept = entry.result.kept
      table.add([
        "\(entry.run.number)", kept?.validationAccuracy.map { Format.percent($0) } ?? "",
        kept?.validationLoss.map { Format.decimal($0, 4) } ?? "",
        kept.map { Format.percent($0.trainingAccuracy) } ?? "", "\(entry.result.epoch)",
        CommandLine(words: entry.run.options).text,
      ])
    }
    let left = sweep.count - sweep.ranked.count
    let best = sweep.ranked.first?.result
    let last =
      "\(folder)/sweep.html: \(Format.count(sweep.ranked.count, "run")) compared"
      + (left > 0 ? ", \(left) not done" : "")
      + (best.map { "; the first gets \(Format.percent($0.testAccuracy)) of the test images" } ?? "")
    return table.lines + [last]
  }
}
