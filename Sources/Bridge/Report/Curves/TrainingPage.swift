package import Files
package import Training

/// The page that shows how a training went.
package struct TrainingPage {
  package var name: String
  package var history: [EpochRecord]
  /// The share of the test split's images that the trained network gets right.
  package var testAccuracy: Double
  package var testImages: Int
  /// What else is to be known: a name and a value each.
  package var facts: [(name: String, value: String)]
  /// How to make this page again.
  package var command: String

  /// A page by its parts.
  package init(
    name: String, history: [EpochRecord], testAccuracy: Double, testImages: Int,
    facts: [(name: String, value: String)], command: String
  ) {
    (self.name, self.history) = (name, history)
    (self.testAccuracy, self.testImages) = (testAccuracy, testImages)
    (self.facts, self.command) = (facts, command)
  }

  /// One HTML file that loads nothing.
  ///
  /// - Throws: `FileError` where the style sheet is not beside the executable.
  package func html() throws(FileError) -> String {
    try HTMLPage(
      title: "\(name): training", heading: name,
      sections: [headline, accuracySection, lossSection, rateSection, epochSection, origin]
    ).html()
  }

  private var headline: Section {
    let held = history.compactMap(\.validationAccuracy).last
    let tiles =
      [
        (
          Number.percent(testAccuracy), "test",
          "of \(Number.count(testImages)) images, tried once"
        )
      ]
      + (held.map { [(Number.percent($0), "held out", "after the last epoch")] } ?? [])
      + [
        (
          Number.percent(history.last?.trainingAccuracy ?? 0), "training",
          "as shown: changed and mixed"
        ),
        ("\(history.count)", "epochs", ""),
      ]
    let body = tiles.map { value, name, detail -> Markup in
      "<div><b>\(value)</b><span>\(name)</span><small>\(detail)</small></div>\n"
    }
    return Section(
      id: "headline", title: "Accuracy at the end",
      note: "The share of images whose label the network puts first.",
      body: "<div class=\"tiles\">\(body)</div>")
  }

  private var accuracySection: Section {
    let plot = LinePlot(
      title: "accuracy over epochs",
      lines: Self.lines(history.map(\.trainingAccuracy), history.map(\.validationAccuracy)),
      mark: .init(name: "test", value: testAccuracy), text: { Number.percent($0, 1) })
    return Section(
      id: "accuracy", title: "Accuracy",
      note: "Training images are counted as they were shown, so they may be harder than those held "
        + "out, which are tried with the weights' average.",
      body: plot.markup)
  }

  private var lossSection: Section {
    let plot = LinePlot(
      title: "loss over epochs",
      lines: Self.lines(history.map(\.trainingLoss), history.map(\.validationLoss)),
      text: { Number.short($0) })
    return Section(
      id: "loss", title: "Loss", note: "Cross-entropy, in nats, the mean of an epoch's steps.",
      body: plot.markup)
  }

  private var rateSection: Section {
    let plot = LinePlot(
      title: "learning rate over epochs",
      lines: [.init(name: "learning rate", values: history.map(\.rate), style: .first)],
      text: { Number.short($0) })
    return Section(
      id: "rate", title: "Learning rate", note: "At the end of each epoch.", body: plot.markup)
  }

  private static func lines(_ training: [Double], _ held: [Double?]) -> [LinePlot.Line] {
    let first = LinePlot.Line(name: "training", values: training, style: .first)
    guard held.contains(where: { $0 != nil }) else { return [first] }
    return [first, .init(name: "held out", values: held, style: .second)]
  }

  private var epochSection: Section {
    let hasHeld = history.contains { $0.validationLoss != nil }
    var table = DataTable(
      columns: ["epoch", "rate", "loss", "accuracy"].map { .init(title: $0) }
        + (hasHeld ? ["held-out loss", "held-out accuracy"] : []).map { .init(title: $0) })
    table.rows = history.map { record in
      let held: [DataTable.Cell] =
        hasHeld
        ? [
          .number(
            record.validationLoss.map { Number.decimal($0, 4) } ?? "", record.validationLoss),
          .number(
            record.validationAccuracy.map { Number.percent($0) } ?? "", record.validationAccuracy,
            bar: record.validationAccuracy),
        ] : []
      return [
        .number("\(record.epoch)", Double(record.epoch)),
        .number(Number.short(record.rate), record.rate),
        .number(Number.decimal(record.trainingLoss, 4), record.trainingLoss),
        .number(
          Number.percent(record.trainingAccuracy), record.trainingAccuracy,
          bar: record.trainingAccuracy),
      ] + held
    }
    return Section(
      id: "epochs", title: "Epochs", note: "The same figures as in the .csv file.",
      body: "<details><summary>\(history.count) epochs</summary>\(table.markup)</details>")
  }

  private var origin: Section {
    let rows = facts.map { name, value -> Markup in
      "<tr><th scope=\"row\">\(name)</th><td>\(value)</td></tr>\n"
    }
    return Section(
      id: "origin", title: "Where this comes from",
      note: "The same inputs give the same bytes, with any number of threads.",
      body: """
        <div class="scroll"><table class="facts"><tbody>\(rows)</tbody></table></div>
        <pre>\(command)</pre>
        """)
  }
}
