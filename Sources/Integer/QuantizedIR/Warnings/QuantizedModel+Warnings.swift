extension QuantizedModel {
  /// What the weights alone tell: at most one warning.
  package var weightWarnings: [ModelWarning] {
    let shared = layers.compactMap { layer -> (name: String, channels: Int, poor: Int)? in
      guard case .depthwiseConv2D(let conv) = layer.operation,
        let scale = layer.weightScales.values.first,
        layer.weightScales.values.allSatisfy({ $0 == scale })
      else { return nil }
      let poor = conv.poorChannels
      return poor > 0 ? (layer.name, conv.outputChannels, poor) : nil
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
    let product = worst(above: worthSayingOfProducts, \.operation.isProduct)
    let other = worst(above: worthSaying) {
      !$0.operation.isProduct && !onlyTablesRead($0.output)
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
    return !readers.isEmpty
      && readers.allSatisfy { reader in
        if case .lookup = reader.operation { true } else { false }
      }
  }
}

extension Operation {
  /// Whether it multiplies two tensors, whatever their width.
  fileprivate var isProduct: Bool {
    if case .wide(let layer) = self { return layer.operation.isProduct }
    return if case .multiply = self { true } else { false }
  }
}

extension DepthwiseConv2D {
  /// The output channels whose weights are not all 0 and would have codes twice as large, or more,
  /// on a scale of their own.
  fileprivate var poorChannels: Int {
    (0..<outputChannels).count { channel in
      let largest =
        Swift.stride(from: channel, to: weights.count, by: outputChannels)
        .map { abs(Int(weights[$0])) }.max() ?? 0
      return (1...63).contains(largest)
    }
  }
}
