internal import Evaluation
internal import Pipeline
internal import Tensors

extension ComparisonReport {
  /// The report for people, with the table of layers on request.
  func lines(layers showsLayers: Bool) -> [String] {
    var lines = ["images: \(Format.count(images))"]
    if let accuracy {
      let points = Format.signed(accuracy.deltaTop1Points)
      lines += [
        "float top-1: \(Format.percent(accuracy.floatTop1))",
        "int8 top-1: \(Format.percent(accuracy.int8Top1)) (\(points) points)",
      ]
    }
    if outputs.isEmpty {
      lines += [
        "agreement: \(Format.percent(agreement))",
        "output SQNR: \(decibels(outputSQNRdB)) dB",
      ]
    }
    for output in outputs {
      lines.append(
        "output \(output.name): agreement \(Format.percent(output.agreement)), SQNR "
          + "\(decibels(output.sqnrDB)) dB")
    }
    return showsLayers ? lines + [""] + layerTable.lines : lines
  }

  private var layerTable: TextTable {
    var table = TextTable([
      ("layer", .left), ("SQNR dB", .right), ("cosine", .right), ("saturated", .right),
    ])
    for layer in layers {
      table.add([
        layer.name, decibels(layer.sqnrDB), Format.decimal(layer.cosine, 6),
        Format.decimal(100 * layer.saturated, 3) + "%",
      ])
    }
    return table
  }

  private func decibels(_ value: Double?) -> String {
    value.map { Format.decimal($0, 2) } ?? "exact"
  }
}

extension ObjectReport {
  /// The report for people.
  var lines: [String] {
    [
      "images: \(Format.count(images))", "float \(words(float))",
      "int8 \(words(int8)) (\(Format.signed(deltaPoints)) points)",
    ]
  }

  private func words(_ score: Score) -> String {
    switch score {
    case .centroids(let score):
      "F1: \(Format.percent(score.f1)) (precision \(Format.percent(score.precision)), recall "
        + "\(Format.percent(score.recall)))"
    case .boxes(let map50, let map):
      "mAP@0.5: \(map50.map(Format.percent) ?? "-"), mAP@[.5:.95]: "
        + (map.map(Format.percent) ?? "-")
    }
  }
}

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
