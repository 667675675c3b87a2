internal import Evaluation

/// What every step of the default recipe brings, as JSON and as text.
struct LadderReport: Encodable {
  struct Step: Encodable {
    let name: String
    /// These two are `nil` for images without labels.
    let top1: Double?
    let deltaTop1Points: Double?
    let agreement: Double
    let outputSQNRdB: Double?
    /// Seconds that quantizing took.
    let seconds: Double
  }

  let images: Int
  /// `nil` for images without labels.
  let float: ComparisonReport.Top1?
  let ladder: [Step]

  /// `steps` in order.
  init(_ steps: [PairOptions.Step]) {
    images = steps.first?.result.images ?? 0
    float = (steps.first?.result.accuracy).map { ComparisonReport.Top1(top1: $0.floatTop1) }
    ladder = steps.map { step in
      Step(
        name: step.name, top1: step.result.accuracy?.int8Top1,
        deltaTop1Points: step.result.accuracy?.deltaTop1Points, agreement: step.result.agreement,
        outputSQNRdB: step.result.outputSQNRdB, seconds: step.seconds)
    }
  }

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
