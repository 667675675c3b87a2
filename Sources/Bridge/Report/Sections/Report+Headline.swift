internal import Evaluation

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
