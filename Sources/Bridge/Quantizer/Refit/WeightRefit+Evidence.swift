internal import NetworkGraph
internal import QuantizedIR

extension WeightRefit {
  private static let folds = 4

  /// The refit of a dense layer; `nil` for any other, and where folds do not confirm it.
  ///
  /// - Parameters:
  ///   - images: The codes that the layer will meet at its input, one array an image.
  ///   - reals: What the float network has there, by image.
  init?<Code: FixedWidthInteger>(
    _ operation: Operator, _ patches: Patches, _ input: QuantizedTensor, images: [[Code]],
    reals: [Int: [Float]]
  ) {
    guard reals.count >= Self.folds, let weights = operation.denseWeights else { return nil }
    let numbers = reals.keys.sorted()
    let folds = PatchCovariance.moments(
      patches, images: numbers.map { images[$0] }, reals: numbers.compactMap { reals[$0] },
      zeroPoint: input.zeroPoint, scale: input.scale, folds: Self.folds)
    self.init(folds: folds, weights: weights)
  }
}

extension Operator {
  /// The weights of each output channel, where every one reads the whole window.
  fileprivate var denseWeights: [[Float]]? {
    func rows(_ weights: [Float], _ count: Int) -> [[Float]] {
      stride(from: 0, to: weights.count, by: count).map { Array(weights[$0..<$0 + count]) }
    }
    switch self {
    case .conv2D(let conv) where conv.groups == 1: return rows(conv.weights, conv.patchCount)
    case .fullyConnected(let layer): return rows(layer.weights, layer.inputCount)
    case .conv2D, .depthwiseConv2D, .batchNormalization, .activation, .add, .multiply,
      .averagePool, .maxPool, .globalAveragePool, .pad, .reshape, .softmax:
      return nil
    }
  }
}
