package import Calibration
package import Evaluation
package import Files
internal import FixedPoint
package import QuantizedIR

/// All that the page shows about one float model and the int8 model made from it.
package struct Report {
  package var model: QuantizedModel
  package var footprint: Footprint
  package var comparison: ComparisonResult
  /// The error that each layer makes by itself, its inputs being the float network's.
  package var ownErrors: [LayerError]
  /// What the steps of quantization bring; empty where they were not run.
  package var ladder: [LadderStep]
  /// What ranges were learned from; `nil` for an int8 model that was imported.
  package var calibration: CalibrationTable?
  /// Arenas that firmware may have, each with fewer instructions than the next of its kind; empty where
  /// they were not looked for.
  package var arenas: [ArenaChoice] = []
  /// Some of the images for which the two networks disagree.
  package var changed: [ChangedImage]
  /// What happened to pixels, and what to be warned of: a sentence each.
  package var notes: [String]
  /// How to make this page again, one shell command each.
  package var commands: [String]

  /// A report by its parts.
  package init(
    model: QuantizedModel, footprint: Footprint, comparison: ComparisonResult,
    ownErrors: [LayerError], ladder: [LadderStep], calibration: CalibrationTable?,
    changed: [ChangedImage], notes: [String], commands: [String]
  ) {
    self.model = model
    self.footprint = footprint
    self.comparison = comparison
    self.ownErrors = ownErrors
    self.ladder = ladder
    self.calibration = calibration
    self.changed = changed
    self.notes = notes
    self.commands = commands
  }

  /// The page: one HTML file that loads nothing.
  ///
  /// - Throws: `FileError` where the style sheet is not beside the executable.
  package func html() throws(FileError) -> String {
    let sections = [
      headline, ladderSection, layerSection, confusionSection, changedSection, memorySection,
      arenaSection, tensorSection, weightSection, provenanceSection,
    ].compactMap(\.self)
    return try HTMLPage(
      title: "\(model.name): float and int8", heading: model.name, sections: sections
    ).html()
  }

  /// The name of class `index`, or its number where labels are unknown.
  func className(_ index: Int) -> String {
    model.labels.indices.contains(index) ? model.labels[index] : "class \(index)"
  }
}

extension Report {
  /// The figures that decide.
  var headline: Section? {
    let accuracy = comparison.accuracy.map { accuracy in
      [
        ("float top-1", Number.percent(accuracy.floatTop1), ""),
        (
          "int8 top-1", Number.percent(accuracy.int8Top1),
          "\(Number.signed(accuracy.deltaTop1Points)) points"
        ),
      ]
    }
    let tiles: [(String, String, String)] =
      (accuracy ?? []) + [
        ("agreement", Number.percent(comparison.agreement), "same class first"),
        ("SQNR", "\(Number.decibels(comparison.outputSQNRdB)) dB", "of the outputs"),
        (
          "constants", "\(Number.count(footprint.constants)) B",
          "float: \(Number.count(footprint.float)) B"
        ),
        ("arena", "\(Number.count(footprint.arena)) B", "all activations, input included"),
      ]
    let body: Markup = """
      <div class="tiles">\(tiles.map { name, value, detail -> Markup in
        "<div><b>\(value)</b><span>\(name)</span><small>\(detail)</small></div>\n"
      })</div>
      \(notes.map { note -> Markup in "<p class=\"note\">\(note)</p>\n" })
      """
    return Section(
      id: "headline", title: "Float and int8",
      note: "\(Number.count(comparison.images)) images that calibration did not see, unless the "
        + "command below says otherwise.",
      body: body)
  }
}

extension Report {
  /// What this page and the model were made from.
  var provenanceSection: Section? {
    let source = model.provenance
    var facts = [
      ("tool", source.tool), ("float model", source.source), ("its SHA-256", source.sourceSHA256),
      ("recipe", source.recipe), ("rounding", "\(source.rounding)"),
    ]
    if let images = source.calibration {
      facts += [
        ("calibrated on", "\(images.images) \(images.split) images of \(images.dataset)"),
        ("their SHA-256", images.sha256), ("ranges", images.method),
      ]
    }
    let rows = facts.map { name, value -> Markup in
      "<tr><th scope=\"row\">\(name)</th><td>\(value)</td></tr>\n"
    }
    let lines = commands.map { command -> Markup in "\(command)\n" }
    return Section(
      id: "provenance", title: "Where this comes from",
      note: "The same inputs give the same bytes. These commands make this page again, run in the "
        + "folder where the name behind --out is its own.",
      body: """
        <div class="scroll"><table class="facts"><tbody>\(rows)</tbody></table></div>
        <pre>\(lines)</pre>
        """)
  }
}

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
