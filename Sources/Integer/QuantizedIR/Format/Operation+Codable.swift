extension Operation: Codable {
  private enum CodingKeys: CodingKey { case kind }

  /// `{"kind": "conv2D", …the layer's own fields}`.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let kind = try container.decode(String.self, forKey: .kind)
    switch kind {
    case "conv2D": self = .conv2D(try Conv2D(from: decoder))
    case "depthwiseConv2D": self = .depthwiseConv2D(try DepthwiseConv2D(from: decoder))
    case "fullyConnected": self = .fullyConnected(try FullyConnected(from: decoder))
    case "add": self = .add(try Add(from: decoder))
    case "multiply": self = .multiply(try Multiply(from: decoder))
    case "averagePool": self = .averagePool(try AveragePool(from: decoder))
    case "maxPool": self = .maxPool(try MaxPool(from: decoder))
    case "mean": self = .mean(try Mean(from: decoder))
    case "lookup": self = .lookup(try Lookup(from: decoder))
    case "softmax": self = .softmax(try Softmax(from: decoder))
    case "extremum": self = .extremum(try Extremum(from: decoder))
    case "copy": self = .copy(try Copy(from: decoder))
    case "wide": self = .wide(try Wide(from: decoder))
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: container, debugDescription: "unknown operation '\(kind)'")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if case .wide = self {
      try container.encode("wide", forKey: .kind)
    } else {
      try container.encode(name, forKey: .kind)
    }
    switch self {
    case .conv2D(let layer): try layer.encode(to: encoder)
    case .depthwiseConv2D(let layer): try layer.encode(to: encoder)
    case .fullyConnected(let layer): try layer.encode(to: encoder)
    case .add(let layer): try layer.encode(to: encoder)
    case .multiply(let layer): try layer.encode(to: encoder)
    case .averagePool(let layer): try layer.encode(to: encoder)
    case .maxPool(let layer): try layer.encode(to: encoder)
    case .mean(let layer): try layer.encode(to: encoder)
    case .lookup(let layer): try layer.encode(to: encoder)
    case .softmax(let layer): try layer.encode(to: encoder)
    case .extremum(let layer): try layer.encode(to: encoder)
    case .copy(let layer): try layer.encode(to: encoder)
    case .wide(let layer): try layer.encode(to: encoder)
    }
  }
}
