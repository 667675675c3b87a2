package import QuantizedIR

/// What an int8 model or its comparison shows that a user can do something about.
package enum ComparisonWarning: Hashable, Sendable {
  /// A depthwise layer of `channels` channels whose weights share one scale.
  case sharedWeightScale(layer: String, channels: Int, others: Int)
  /// The share of values that a layer's codes cannot express.
  case saturation(layer: String, share: Double, others: Int)
  /// The same of a product by channel: a squeeze-and-excitation gate.
  case saturatedProduct(layer: String, share: Double, others: Int)
}

extension ComparisonWarning: CustomStringConvertible {
  package var description: String {
    switch self {
    case .sharedWeightScale(let layer, let channels, let others):
      "\(layer): the weights of \(channels) depthwise channels share one scale\(Self.also(others)): "
        + "convert with a scale a channel, or let mnquant quantize the float model"
    case .saturation(let layer, let share, let others):
      "\(layer): \(Self.percent(share)) of the values lie beyond the codes\(Self.also(others)): "
        + "calibrate with more images like these, or quantize with --ranges min-max"
    case .saturatedProduct(let layer, let share, let others):
      "\(layer): \(Self.percent(share)) of the gated values lie beyond the codes"
        + "\(Self.also(others)): calibrate with more images like these, or quantize with --ranges "
        + "min-max"
    }
  }

  private static func also(_ others: Int) -> String {
    switch others {
    case 0: ""
    case 1: ", and 1 other layer is so"
    default: ", and \(others) other layers are so"
    }
  }

  /// One decimal.
  private static func percent(_ share: Double) -> String {
    "\((share * 1000).rounded() / 10)%"
  }
}

extension ComparisonResult {
  /// Saturation above this share shows in the outputs; a product's does sooner, as its gate scales
  /// whole channels.
  private static let worthSaying = (any: 0.01, product: 0.001)

  /// What to tell the user of `model`, whose result this is: at most one a kind.
  package func warnings(_ model: QuantizedModel) -> [ComparisonWarning] {
    model.weightWarnings + saturation(model)
  }

  private func saturation(_ model: QuantizedModel) -> [ComparisonWarning] {
    var (products, rest) = ([LayerError](), [LayerError]())
    let byName = Dictionary(
      model.layers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for error in layers {
      guard let layer = byName[error.name] else { continue }
      if case .multiply = layer.operation {
        if error.saturated > Self.worthSaying.product { products.append(error) }
      } else if error.saturated > Self.worthSaying.any, !model.onlyTablesRead(layer.output) {
        rest.append(error)
      }
    }
    var warnings: [ComparisonWarning] = []
    if let worst = rest.max(by: { $0.saturated < $1.saturated }) {
      warnings.append(
        .saturation(layer: worst.name, share: worst.saturated, others: rest.count - 1))
    }
    if let worst = products.max(by: { $0.saturated < $1.saturated }) {
      warnings.append(
        .saturatedProduct(layer: worst.name, share: worst.saturated, others: products.count - 1))
    }
    return warnings
  }
}

extension QuantizedModel {
  /// What the weights alone tell: at most one warning.
  package var weightWarnings: [ComparisonWarning] {
    let shared = layers.compactMap { layer -> (name: String, channels: Int)? in
      guard case .depthwiseConv2D(let conv) = layer.operation,
        let scale = layer.weightScales.values.first,
        layer.weightScales.values.allSatisfy({ $0 == scale })
      else { return nil }
      let channels = conv.channels * conv.channelMultiplier
      return channels > 1 ? (layer.name, channels) : nil
    }
    guard let first = shared.first else { return [] }
    return [
      .sharedWeightScale(layer: first.name, channels: first.channels, others: shared.count - 1)
    ]
  }

  /// Whether `tensor` is read by tables alone: their inputs are cut where the table is flat.
  fileprivate func onlyTablesRead(_ tensor: Int) -> Bool {
    let readers = layers.filter { $0.inputs.contains(tensor) }
    return !readers.isEmpty
      && readers.allSatisfy { reader in
        if case .lookup = reader.operation { true } else { false }
      }
  }
}
