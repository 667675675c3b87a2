internal import Evaluation
internal import FixedPoint
internal import QuantizedIR

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
