internal import Evaluation

/// `compare`'s findings as JSON and as text. Shares are of 1, `null` stands for infinite decibels.
struct ComparisonReport: Encodable {
  /// A network's share of images whose label comes first.
  struct Top1: Encodable {
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
  /// `nil` for images without labels.
  let accuracy: Accuracy?
  let agreement: Double
  let outputSQNRdB: Double?
  let layers: [Layer]
  /// What happened to pixels.
  let pixels: PixelReport
  /// One sentence each.
  let warnings: [String]

  private enum CodingKeys: CodingKey {
    case images, float, int8, deltaTop1Points, agreement, outputSQNRdB, layers, pixels, warnings
  }

  init(_ result: ComparisonResult, _ pixels: PixelReport, warnings: [String]) {
    self.pixels = pixels
    self.warnings = [pixels.warning].compactMap(\.self) + warnings
    images = result.images
    accuracy = result.accuracy
    agreement = result.agreement
    outputSQNRdB = result.outputSQNRdB
    layers = result.layers.map {
      Layer(name: $0.name, sqnrDB: $0.sqnrDB, cosine: $0.cosine, saturated: $0.saturated)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(images, forKey: .images)
    if let accuracy {
      try container.encode(Top1(top1: accuracy.floatTop1), forKey: .float)
      try container.encode(Top1(top1: accuracy.int8Top1), forKey: .int8)
      try container.encode(accuracy.deltaTop1Points, forKey: .deltaTop1Points)
    }
    try container.encode(agreement, forKey: .agreement)
    try container.encode(outputSQNRdB, forKey: .outputSQNRdB)
    try container.encode(layers, forKey: .layers)
    try container.encode(pixels, forKey: .pixels)
    try container.encode(warnings, forKey: .warnings)
  }

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
