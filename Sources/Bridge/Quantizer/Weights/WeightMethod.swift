internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// How the weights and biases of one layer become integers, channel by channel.
struct WeightMethod {
  /// Of an output channel.
  let rounding: (Int) -> ChannelRounding
  /// Of a dense layer whose weights are changed before they are rounded.
  var refit: WeightRefit?
  /// Of an output channel.
  let correction: (Int) -> BiasCorrection

  /// Nearest codes, biases as they are.
  static var plain: WeightMethod {
    WeightMethod(rounding: { _ in .nearest }, correction: { _ in .none })
  }
}

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
    let operation = operation.quantizable
    if choices.keepsSteps, let steps = (operation as? any WeightedOperator)?.weightSteps,
      !steps.isEmpty
    {
      self = .given(steps)
      return
    }
    guard let patches = operation.patches(input: input.shape, output: outputShape),
      let layout = operation.tapLayout
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
      isLarge
      ? nil
      : operation.denseWeights.flatMap {
        WeightRefit(of: $0, patches, input, images: images, reals: reals)
      }
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

extension WeightMethod {
  /// The codes that a file has, at its own scales.
  static func given(_ steps: [Float]) -> WeightMethod {
    WeightMethod(rounding: { .given(Double(steps[$0])) }, correction: { _ in .none })
  }
}

/// How the real weights of one output channel become codes.
enum ChannelRounding {
  /// Each to its own nearest code, ties away from zero.
  case nearest
  /// Dense layers: later weights make up for the errors of earlier ones.
  case sequential(SequentialRounding)
  /// Depthwise layers: neighbors of every code are tried.
  case coordinate(CoordinateRounding)

  /// Whole numbers of this step already.
  case given(Double)

  /// The codes at `scale`, in `-127 ... 127`; given ones may be -128.
  func codes(_ weights: [Float], scale: Double) -> [Int8] {
    switch self {
    case .nearest:
      weights.map {
        Int8(min(max((Double($0) / scale).rounded(.toNearestOrAwayFromZero), -127), 127))
      }
    case .given:
      weights.map { Int8(min(max((Double($0) / scale).rounded(), -128), 127)) }
    case .sequential(let rounding): rounding.codes(weights, scale: scale)
    case .coordinate(let rounding): rounding.codes(weights, scale: scale)
    }
  }

  /// Whether the file has the codes.
  var isGiven: Bool { if case .given = self { true } else { false } }

  /// The scale to use where `max|w| / 127` is `scale`.
  func scale(_ weights: [Float], around scale: Double) -> Double {
    switch self {
    case .nearest, .sequential: scale
    case .given(let step): step
    case .coordinate(let rounding): rounding.scale(weights, around: scale)
    }
  }
}

/// What a bias takes over from the rounding of its channel's weights: rounded weights move the
/// mean of the output, and nearly all of quantization's loss is that shift.
///
/// Source: Nagel et al., "Data-Free Quantization", arXiv:1906.04721, section 4.2.
enum BiasCorrection {
  case none
  /// From the float network: the mean of the input under each tap, in real units.
  case analytic(inputMeans: [Double])
  /// From the layers quantized so far: the mean code less zero point under each tap, its scale,
  /// and the mean that the float network has in this output channel.
  case empirical(patchMean: [Double], inputScale: Double, outputMean: Double)

  /// The bias in real units for weights rounded to `codes` at `scale`.
  func corrected(_ bias: Float, weights: [Float], codes: [Int8], scale: Double) -> Double {
    switch self {
    case .none: return Double(bias)
    case .analytic(let means):
      return weights.indices.reduce(Double(bias)) { sum, tap in
        sum + means[tap] * (Double(weights[tap]) - Double(codes[tap]) * scale)
      }
    case .empirical(let patchMean, let inputScale, let outputMean):
      let products = codes.indices.reduce(0.0) { $0 + Double(codes[$1]) * patchMean[$1] }
      return outputMean - products * scale * inputScale
    }
  }
}
