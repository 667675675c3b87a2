internal import Evaluation
internal import QuantizedIR

/// `compare`'s findings as JSON and as text. Shares are of 1, `null` stands for infinite decibels.
struct ComparisonReport: Encodable {
  struct Accuracy: Encodable {
    let top1: Double
  }

  struct Layer: Encodable {
    let name: String
    let sqnrDB: Double?
    let cosine: Double
    let saturated: Double

    private enum CodingKeys: CodingKey { case name, sqnrDB, cosine, saturated }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(sqnrDB, forKey: .sqnrDB)
      try container.encode(cosine, forKey: .cosine)
      try container.encode(saturated, forKey: .saturated)
    }
  }

  let images: Int
  let float: Accuracy
  let int8: Accuracy
  let deltaTop1Points: Double
  let agreement: Double
  let outputSQNRdB: Double?
  let layers: [Layer]
  /// One sentence each.
  let warnings: [String]

  private enum CodingKeys: CodingKey {
    case images, float, int8, deltaTop1Points, agreement, outputSQNRdB, layers, warnings
  }

  init(_ result: ComparisonResult, warnings: [ModelWarning]) {
    self.warnings = warnings.map(\.description)
    images = result.images
    float = Accuracy(top1: result.floatTop1)
    int8 = Accuracy(top1: result.int8Top1)
    deltaTop1Points = result.deltaTop1Points
    agreement = result.agreement
    outputSQNRdB = result.outputSQNRdB
    layers = result.layers.map {
      Layer(name: $0.name, sqnrDB: $0.sqnrDB, cosine: $0.cosine, saturated: $0.saturated)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(images, forKey: .images)
    try container.encode(float, forKey: .float)
    try container.encode(int8, forKey: .int8)
    try container.encode(deltaTop1Points, forKey: .deltaTop1Points)
    try container.encode(agreement, forKey: .agreement)
    try container.encode(outputSQNRdB, forKey: .outputSQNRdB)
    try container.encode(layers, forKey: .layers)
    try container.encode(warnings, forKey: .warnings)
  }

  /// The report for people, with the table of layers on request.
  func lines(layers showsLayers: Bool) -> [String] {
    let lines = [
      "images: \(Format.count(images))",
      "float top-1: \(Format.percent(float.top1))",
      "int8 top-1: \(Format.percent(int8.top1)) (\(Format.signed(deltaTop1Points)) points)",
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
