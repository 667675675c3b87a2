internal import Evaluation

/// What every step of the default recipe brings, as JSON and as text.
struct LadderReport: Encodable {
  struct Step: Encodable {
    let name: String
    let top1: Double
    let deltaTop1Points: Double
    let agreement: Double
    let outputSQNRdB: Double?
    /// Seconds that quantizing took.
    let seconds: Double
  }

  let images: Int
  let float: ComparisonReport.Accuracy
  let ladder: [Step]

  /// `steps` in order.
  init(_ steps: [PairOptions.Step]) {
    images = steps.first?.result.images ?? 0
    float = ComparisonReport.Accuracy(top1: steps.first?.result.floatTop1 ?? 0)
    ladder = steps.map { step in
      Step(
        name: step.name, top1: step.result.int8Top1,
        deltaTop1Points: step.result.deltaTop1Points, agreement: step.result.agreement,
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
        step.name, Format.percent(step.top1), Format.signed(step.deltaTop1Points),
        Format.percent(step.agreement),
        step.outputSQNRdB.map { Format.decimal($0, 2) } ?? "exact",
        Format.decimal(step.seconds, 1),
      ])
    }
    return ["images: \(Format.count(images))", "float top-1: \(Format.percent(float.top1))", ""]
      + table.lines
  }
}
