package import FixedPoint

extension Rounding: Codable {
  /// The spelling in files: `double`, `single-up`, `single-away`.
  package var name: String {
    switch self {
    case .double: "double"
    case .singleUp: "single-up"
    case .singleAway: "single-away"
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let rounding = Self.allCases.first(where: { $0.name == name }) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "unknown rounding '\(name)'")
    }
    self = rounding
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}

extension Requantization: Codable {
  private enum CodingKeys: CodingKey { case multiplier, shift }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let multiplier = try container.decode(Int32.self, forKey: .multiplier)
    let shift = try container.decode(Int32.self, forKey: .shift)
    guard multiplier >= 0, (-31...30).contains(shift) else {
      throw DecodingError.dataCorruptedError(
        forKey: .multiplier, in: container,
        debugDescription: "multiplier \(multiplier) and shift \(shift) are no factor")
    }
    self.init(multiplier: multiplier, shift: shift)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(multiplier, forKey: .multiplier)
    try container.encode(shift, forKey: .shift)
  }
}
