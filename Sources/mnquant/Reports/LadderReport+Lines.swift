internal import Pipeline

extension LadderReport {
  /// The report for people.
  var lines: [String] {
    var table = TextTable([
      ("step", .left), ("top-1", .right), ("points", .right), ("agreement", .right),
      ("SQNR dB", .right), ("seconds", .right),
    ])
    for step in ladder {
      table.add([
        step.name, step.top1.map(Format.percent) ?? "-",
        step.deltaTop1Points.map(Format.signed) ?? "-",
        Format.percent(step.agreement),
        step.outputSQNRdB.map { Format.decimal($0, 2) } ?? "exact",
        Format.decimal(step.seconds, 1),
      ])
    }
    let accuracy = float.map { ["float top-1: \(Format.percent($0.top1))"] } ?? []
    return ["images: \(Format.count(images))"] + accuracy + [""] + table.lines
  }
}
