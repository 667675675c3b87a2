internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension WeightMethod {
  /// The method for a layer with weights whose surroundings are known; plain for any other.
  ///
  /// - Parameters:
  ///   - images: The codes that the layer will meet at its input, one array an image.
  ///   - reals: What the float network has there, by image; empty where weights are not refitted.
  ///   - inputMean: The float network's mean of each input channel.
  ///   - outputMean: The float network's mean of each output channel, before any activation.
  init<Code: FixedWidthInteger>(
    _ operation: Operator, _ choices: WeightChoices, input: QuantizedTensor, outputShape: Shape,
    images: [[Code]], reals: [Int: [Float]], inputMean: [Double], outputMean: [Double]
  ) {
    guard let patches = Patches(operation, input: input.shape, output: outputShape),
      let layout = TapLayout(operation)
    else {
      self = .plain
      return
    }
    let zeroPoint = input.zeroPoint
    switch choices.correction {
    case .none: correction = { _ in .none }
    case .analytic:
      correction = { channel in
        .analytic(
          inputMeans: layout.taps(of: channel).map { inputMean[$0 % inputMean.count] })
      }
    case .empirical:
      let mean = PatchMean(patches, images: images, zeroPoint: zeroPoint).values
      correction = { channel in
        .empirical(
          patchMean: layout.taps(of: channel).map { mean[$0] }, inputScale: input.scale,
          outputMean: outputMean[channel])
      }
    }
    let isLarge = LargeWindows.contain(patches, isDepthwise: layout.isDepthwise)
    refit =
      isLarge ? nil : WeightRefit(operation, patches, input, images: images, reals: reals)
    guard choices.rounding == .compensated, !isLarge else {
      rounding = { _ in .nearest }
      return
    }
    switch layout {
    case .dense:
      let covariance = PatchCovariance.dense(patches, images: images, zeroPoint: zeroPoint)
      let method = SequentialRounding(covariance: covariance).map(ChannelRounding.sequential)
      rounding = { _ in method ?? .nearest }
    case .depthwise(let channels, let multiplier, _):
      let statistics = PatchCovariance.channelwise(patches, images: images, zeroPoint: zeroPoint)
      precondition(statistics.count == channels)
      rounding = { channel in
        let (covariance, meanSquare) = statistics[channel / multiplier]
        return .coordinate(CoordinateRounding(covariance: covariance, meanSquare: meanSquare))
      }
    }
  }
}

/// Which values of a window an output channel's weights meet, in weight order.
private enum TapLayout {
  /// All of them.
  case dense(count: Int)
  /// Those of one input channel.
  case depthwise(channels: Int, multiplier: Int, taps: Int)

  /// `nil` for operators without weights, and for grouped convolutions.
  init?(_ operation: Operator) {
    switch operation {
    case .conv2D(let conv) where conv.groups == 1: self = .dense(count: conv.patchCount)
    case .fullyConnected(let layer): self = .dense(count: layer.inputCount)
    case .depthwiseConv2D(let conv):
      self = .depthwise(
        channels: conv.channels, multiplier: conv.multiplier, taps: conv.kernel.count)
    case .conv2D, .batchNormalization, .activation, .add, .multiply, .averagePool, .maxPool,
      .globalAveragePool, .pad, .reshape, .softmax:
      return nil
    }
  }

  var isDepthwise: Bool {
    if case .depthwise = self { true } else { false }
  }

  /// The positions of an output channel's taps in a window, `[taps][channels]`.
  func taps(of channel: Int) -> [Int] {
    switch self {
    case .dense(let count): Array(0..<count)
    case .depthwise(let channels, let multiplier, let taps):
      (0..<taps).map { $0 * channels + channel / multiplier }
    }
  }
}
