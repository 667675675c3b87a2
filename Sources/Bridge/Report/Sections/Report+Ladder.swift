extension Report {
  /// What each step of quantization brings.
  var ladderSection: Section? {
    guard let images = ladder.first?.images else { return nil }
    let most = ladder.compactMap(\.sqnrDB).max() ?? 1
    let showsTop1 = ladder.allSatisfy { $0.top1 != nil }
    let showsSeconds = ladder.allSatisfy { $0.seconds != nil }
    var table = DataTable(
      columns: [.init(title: "with", isText: true)] + (showsTop1 ? [.init(title: "top-1")] : [])
        + [.init(title: "agreement"), .init(title: "SQNR dB")]
        + (showsSeconds ? [.init(title: "seconds")] : []))
    table.rows = ladder.enumerated().map { order, step in
      var row: [DataTable.Cell] = [.text(step.name, order: order)]
      if showsTop1, let top1 = step.top1 { row.append(.number(Number.percent(top1), top1)) }
      row += [
        .number(Number.percent(step.agreement), step.agreement),
        .number(Number.decibels(step.sqnrDB), step.sqnrDB, bar: (step.sqnrDB ?? most) / most),
      ]
      if showsSeconds, let seconds = step.seconds {
        row.append(.number(Number.decimal(seconds, 1), seconds))
      }
      return row
    }
    return Section(
      id: "ladder", title: "Step by step",
      note: "Each row adds one step of the default recipe to those above it; on "
        + "\(Number.count(images)) images.",
      body: table.markup)
  }
}

/// What quantization gives with one more of its steps.
package struct LadderStep: Hashable, Sendable {
  package var name: String
  /// How many images the shares are of.
  package var images: Int
  /// Share of the images whose label the int8 network puts first; `nil` without labels.
  package var top1: Double?
  /// Share of the images for which both networks put the same class first.
  package var agreement: Double
  /// Of the outputs, in decibels; `nil` where there is no noise.
  package var sqnrDB: Double?
  /// How long quantization took; `nil` where the page is not to say.
  package var seconds: Double?

  /// A step by its parts.
  package init(
    name: String, images: Int, top1: Double?, agreement: Double, sqnrDB: Double?,
    seconds: Double?
  ) {
    self.name = name
    self.images = images
    self.top1 = top1
    self.agreement = agreement
    self.sqnrDB = sqnrDB
    self.seconds = seconds
  }
}
