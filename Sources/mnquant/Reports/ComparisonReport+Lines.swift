internal import Evaluation
internal import Pipeline

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
    lines += [
      "agreement: \(Format.percent(agreement))",
      "output SQNR: \(decibels(outputSQNRdB)) dB",
    ]
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
