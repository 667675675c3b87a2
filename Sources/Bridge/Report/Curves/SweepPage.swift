package import Files
package import Training

/// The page that compares the trainings of a sweep by what they did on images held out.
package struct SweepPage {
  /// One training.
  package struct Run {
    /// Its place in the list, from 1.
    let number: Int
    /// What it was told beyond what all were told.
    let options: String
    let network: String
    let history: [EpochRecord]
    /// The epoch that was kept, from 1; 0 for the network before any.
    let kept: Int

    /// A run by its parts.
    package init(
      number: Int, options: String, network: String, history: [EpochRecord], kept: Int
    ) {
      (self.number, self.options, self.network) = (number, options, network)
      (self.history, self.kept) = (history, kept)
    }

    fileprivate var record: EpochRecord? { history.first { $0.epoch == kept } }
    fileprivate var name: String { options.isEmpty ? "run \(number)" : "run \(number): \(options)" }
  }

  /// Those that are done, the best one first.
  private let runs: [Run]
  /// How many the list has.
  private let count: Int
  private let testAccuracy: Double
  private let testImages: Int
  private let command: String

  /// A page by its parts.
  ///
  /// - Parameters:
  ///   - runs: Those that are done, the best one first.
  ///   - count: How many the list has.
  ///   - testAccuracy: What the first of `runs` gets right of `testImages`.
  package init(
    runs: [Run], count: Int, testAccuracy: Double, testImages: Int, command: String
  ) {
    (self.runs, self.count, self.command) = (runs, count, command)
    (self.testAccuracy, self.testImages) = (testAccuracy, testImages)
  }

  /// One HTML file that loads nothing.
  ///
  /// - Throws: `FileError` where the style sheet is not beside the executable.
  package func html() throws(FileError) -> String {
    try HTMLPage(
      title: "sweep of \(count) trainings", heading: "Sweep of \(count) trainings",
      sections: [headline, curves, table, origin]
    ).html()
  }

  private var headline: Section {
    let best = runs.first
    let tiles: [(String, String, String)] = [
      (
        best?.record?.validationAccuracy.map { Number.percent($0) } ?? "–", "held out",
        best.map { "run \($0.number), epoch \($0.kept)" } ?? "no run is done"
      ),
      (
        best == nil ? "–" : Number.percent(testAccuracy), "test",
        "of \(Number.count(testImages)) images, which chose nothing"
      ),
      ("\(runs.count)", "runs done", "of \(count)"),
    ]
    let body = tiles.map { value, name, detail -> Markup in
      "<div><b>\(value)</b><span>\(name)</span><small>\(detail)</small></div>\n"
    }
    return Section(
      id: "headline", title: "The best run",
      note:
        "Runs are ranked by the share of images held out from training that they get right, then "
        + "by the loss on these.",
      body: "<div class=\"tiles\">\(body)</div>")
  }

  private var curves: Section {
    // The best ones last, in front of the others.
    let lines = runs.enumerated().reversed().map { place, run in
      LinePlot.Line(
        name: run.name, values: run.history.map(\.validationAccuracy),
        style: place == 0 ? .first : place == 1 ? .second : .other)
    }
    let plot = LinePlot(
      title: "held-out accuracy over epochs", lines: lines, text: { Number.percent($0, 1) })
    return Section(
      id: "curves", title: "Accuracy on images held out",
      note: "Of every run after each epoch; the two best ones in color. Points say whose they are.",
      body: plot.markup)
  }

  private var table: Section {
    var table = DataTable(
      columns: [
        .init(title: "run"), .init(title: "options", isText: true),
        .init(title: "network", isText: true), .init(title: "epoch", hint: "which was kept"),
        .init(title: "held-out accuracy"), .init(title: "held-out loss"),
        .init(title: "training accuracy", hint: "of images as shown: changed and mixed"),
        .init(title: "training loss"),
      ])
    table.rows = runs.enumerated().map { place, run in
      let record = run.record
      return [
        .number("\(run.number)", Double(run.number)), .text(run.options, order: place),
        .text(run.network, order: place), .number("\(run.kept)", Double(run.kept)),
        .number(
          record?.validationAccuracy.map { Number.percent($0) } ?? "", record?.validationAccuracy,
          bar: record?.validationAccuracy),
        .number(
          record?.validationLoss.map { Number.decimal($0, 4) } ?? "", record?.validationLoss),
        .number(
          record.map { Number.percent($0.trainingAccuracy) } ?? "", record?.trainingAccuracy),
        .number(record.map { Number.decimal($0.trainingLoss, 4) } ?? "", record?.trainingLoss),
      ]
    }
    return Section(
      id: "runs", title: "Runs", note: "Each has a page of its own in the folder of its number.",
      body: table.markup)
  }

  private var origin: Section {
    Section(
      id: "origin", title: "Where this comes from",
      note: "The same inputs give the same bytes, in whichever order the runs were done.",
      body: "<pre>\(command)</pre>")
  }
}
