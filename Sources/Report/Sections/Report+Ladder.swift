extension Report {
  /// What each step of quantization brings.
  var ladderSection: Section? {
    guard let images = ladder.first?.images else { return nil }
    let most = ladder.compactMap(\.sqnrDB).max() ?? 1
    var table = DataTable(columns: [
      .init(title: "with", isText: true), .init(title: "top-1"), .init(title: "agreement"),
      .init(title: "SQNR dB"), .init(title: "seconds"),
    ])
    table.rows = ladder.enumerated().map { order, step in
      [
        .text(step.name, order: order), .number(Number.percent(step.top1), step.top1),
        .number(Number.percent(step.agreement), step.agreement),
        .number(Number.decibels(step.sqnrDB), step.sqnrDB, bar: (step.sqnrDB ?? most) / most),
        .number(Number.decimal(step.seconds, 1), step.seconds),
      ]
    }
    return Section(
      id: "ladder", title: "Step by step",
      note: "Each row adds one step of the default recipe to those above it; on "
        + "\(Number.count(images)) images.",
      body: table.markup)
  }
}
