/// What an int8 model, or what it does to some images, shows that a user can do something about.
package enum ModelWarning: Hashable, Sendable {
  /// Which images show it.
  package enum Images: Hashable, Sendable {
    case calibration
    /// Others than those that the ranges were chosen by.
    case compared
  }

  /// A depthwise layer of `channels` channels whose weights share one scale, which leaves at most 7
  /// bits to `poor` of them.
  case sharedWeightScale(layer: String, channels: Int, poor: Int, others: Int)
  /// The share of values that a layer's codes cannot express.
  case saturation(layer: String, share: Double, of: Images, others: Int)
  /// The same of a product by channel: a squeeze-and-excitation gate.
  case saturatedProduct(layer: String, share: Double, of: Images, others: Int)
  /// TensorFlow Lite's format cannot say what real value an input's zero point has.
  case droppedInputOffset(tensor: String, offset: Double)
  /// A layer with so many values in a window that its weights were rounded one by one.
  case plainRounding(layer: String, values: Int, others: Int)
}

extension ModelWarning: CustomStringConvertible {
  package var description: String {
    switch self {
    case .sharedWeightScale(let layer, let channels, let poor, let others):
      "\(layer): the weights of \(channels) depthwise channels share one scale, which leaves \(poor) "
        + "of them 7 bits or fewer\(Self.also(others)): convert with a scale a channel, or let "
        + "mnquant quantize the float model"
    case .saturation(let layer, let share, let images, let others):
      "\(layer): \(Self.percent(share)) of the values lie beyond the codes\(Self.also(others)): "
        + images.advice
    case .saturatedProduct(let layer, let share, let images, let others):
      "\(layer): \(Self.percent(share)) of the gated values lie beyond the codes"
        + "\(Self.also(others)): \(images.advice)"
    case .droppedInputOffset(let tensor, let offset):
      "\(tensor): its codes are pixels, and TensorFlow Lite has no place for the \(offset) that lies "
        + "between them and real values: feed the file codes, or quantize with --no-exact-input"
    case .plainRounding(let layer, let values, let others):
      "\(layer): each of its outputs reads \(values) values, too many for rounding weights with regard "
        + "to one another\(Self.also(others)): they took the nearest codes, which costs some accuracy"
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

extension ModelWarning.Images {
  fileprivate var advice: String {
    switch self {
    case .calibration: "quantize with --ranges min-max, which covers all that calibration saw"
    case .compared:
      "calibrate with more images like these, or quantize with --ranges min-max"
    }
  }
}

extension QuantizedModel {
  /// What the weights alone tell: at most one warning.
  package var weightWarnings: [ModelWarning] {
    let shared = layers.compactMap { layer -> (name: String, channels: Int, poor: Int)? in
      guard let scale = layer.weightScales.values.first,
        layer.weightScales.values.allSatisfy({ $0 == scale })
      else { return nil }
      let poor = layer.operation.traits.poorChannels
      return poor > 0 ? (layer.name, layer.weightScales.count, poor) : nil
    }
    guard let worst = shared.max(by: { $0.poor < $1.poor }) else { return [] }
    return [
      .sharedWeightScale(
        layer: worst.name, channels: worst.channels, poor: worst.poor, others: shared.count - 1)
    ]
  }

  /// What the shares of values that layers' codes cannot express tell: at most one warning a kind.
  ///
  /// - Parameters:
  ///   - shares: At most one entry a layer.
  ///   - images: Whose values these are.
  package func saturationWarnings(
    _ shares: [(layer: String, share: Double)], of images: ModelWarning.Images
  ) -> [ModelWarning] {
    // Above 1% it shows in the outputs; in a product it does sooner, as a gate scales whole channels.
    // The ranges of least error cut up to 0.2% of a product.
    let (worthSaying, worthSayingOfProducts) = (0.01, 0.005)
    let byName = Dictionary(
      layers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    func worst(
      above limit: Double, _ isMeant: (Layer) -> Bool
    ) -> (layer: String, share: Double, others: Int)? {
      let found = shares.filter { $0.share > limit && byName[$0.layer].map(isMeant) == true }
      return found.max { $0.share < $1.share }.map { ($0.layer, $0.share, found.count - 1) }
    }
    let product = worst(above: worthSayingOfProducts, \.operation.traits.isProduct)
    let other = worst(above: worthSaying) {
      !$0.operation.traits.isProduct && !onlyTablesRead($0.output)
        // No range would change these: 1 itself has no code, by definition.
        && !tensors[$0.output].isUnitInterval
    }
    return [
      other.map { .saturation(layer: $0.layer, share: $0.share, of: images, others: $0.others) },
      product.map {
        .saturatedProduct(layer: $0.layer, share: $0.share, of: images, others: $0.others)
      },
    ].compactMap(\.self)
  }

  /// Whether `tensor` is read by tables alone: their inputs are cut where the table is flat.
  private func onlyTablesRead(_ tensor: Int) -> Bool {
    let readers = layers.filter { $0.inputs.contains(tensor) }
    return !readers.isEmpty && readers.allSatisfy(\.operation.traits.isTable)
  }
}
