internal import FixedPoint
internal import QuantizedIR

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
