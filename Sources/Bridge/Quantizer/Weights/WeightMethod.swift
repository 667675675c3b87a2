internal import FixedPoint
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
  ///   - team: Shares the work; no result depends on it.
  init<Code: FixedWidthInteger>(
    _ operation: Operator, _ choices: WeightChoices, input: QuantizedTensor, outputShape: Shape,
    images: [[Code]], reals: [Int: [Float]], inputMean: [Double], outputMean: [Double], team: Team
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
        WeightRefit(of: $0, patches, input, images: images, reals: reals, team)
      }
    guard choices.rounding == .compensated, !isLarge else {
      rounding = { _ in .nearest }
      return
    }
    switch layout {
    case .dense:
      let covariance = PatchCovariance.dense(patches, images: images, zeroPoint: zeroPoint, team)
      let method = SequentialRounding(covariance: covariance).map(ChannelRounding.sequential)
      rounding = { _ in method ?? .nearest }
    case .depthwise(let channels, let multiplier, _):
      let statistics = PatchCovariance.channelwise(
        patches, images: images, zeroPoint: zeroPoint, team)
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

/// The weights of one output channel in int8, with bias and requantization factor, proved not to
/// overflow.
struct ChannelWeights {
  /// In `-127 ... 127`.
  let codes: [Int8]
  /// In steps of `inputScale * scale`.
  let bias: Int32
  let requantization: Requantization
  /// Real value of one step of the weights.
  let scale: Float

  /// The largest magnitude of a bias in codes: half of what 32 bits hold is left to the products.
  private static let largestBias = 0x1p30

  /// Quantizes `weights` (the taps of output channel `channel`) and `bias`, both real.
  ///
  /// The scale is `max|w| / 127`, raised where a bias would not fit otherwise (channels that are
  /// all but dead), and raised further until the largest possible sum fits in 32 bits.
  init(
    _ weights: [Float], bias: Float, channel: Int, context: LayerContext,
    method: WeightMethod
  ) throws(QuantizationError) {
    let (input, output) = (context.input, context.output)
    guard bias.isFinite, weights.allSatisfy(\.isFinite) else {
      throw .invalidWeight(node: context.name, channel: channel)
    }
    let rounding = method.rounding(channel)
    let correction = method.correction(channel)
    let target = method.refit?(weights) ?? weights
    let largest = Double(target.map(\.magnitude).max() ?? 0)
    let biasFloor = Double(bias.magnitude) / (input.scale * Self.largestBias)
    var scale = Float(
      max(
        rounding.scale(target, around: largest / 127), biasFloor,
        Double(Float.leastNormalMagnitude)))
    if largest == 0 && bias == 0 && !rounding.isGiven { scale = 1 }
    while true {
      let codes = rounding.codes(target, scale: Double(scale))
      let real = correction.corrected(bias, weights: weights, codes: codes, scale: Double(scale))
      let biasCode = (real / (input.scale * Double(scale))).rounded(.toNearestOrAwayFromZero)
      let factor = input.scale * Double(scale) / output.scale
      let requantization: Requantization
      do throws(FactorOutOfRange) {
        requantization = try context.encoded(factor)
      } catch {
        throw .factor(node: context.name, channel: channel, factor: factor)
      }
      guard input.width == .int8 || requantization.shift <= Requantization.mostReducedShift else {
        throw .factor(node: context.name, channel: channel, factor: factor)
      }
      let bound = Self.bound(codes, biasCode, input)
      if bound <= Double(Int32.max >> max(0, requantization.shift)) {
        self.codes = codes
        self.bias = Int32(biasCode)
        self.requantization = requantization
        self.scale = scale
        return
      }
      guard bound > Double(Int32.max), scale < 0x1p100 else {
        let bits = Int(bound.exponent) + 2 + Int(max(0, requantization.shift))
        throw .accumulator(node: context.name, channel: channel, bits: bits)
      }
      scale *= 2
    }
  }

  /// The largest magnitude that the accumulator can have at any point of the sum, for any input.
  /// Exact: whole numbers below 2^53 are.
  private static func bound(_ codes: [Int8], _ bias: Double, _ input: QuantizedTensor) -> Double {
    let range = input.width.codes
    let reach = Double(max(range.upperBound - input.zeroPoint, input.zeroPoint - range.lowerBound))
    return codes.reduce(bias.magnitude) { $0 + Double($1.magnitude) * reach }
  }
}

/// The int8 weights of all output channels of a layer.
struct LayerWeights {
  let channels: [ChannelWeights]

  /// - Parameter taps: The real weights of an output channel, in the order they are stored.
  init(
    _ taps: [[Float]], bias: [Float], _ context: LayerContext
  ) throws(QuantizationError) {
    let found = context.team.map(taps.count) { channel in
      Result { () throws(QuantizationError) in
        try ChannelWeights(
          taps[channel], bias: bias[channel], channel: channel, context: context,
          method: context.weights)
      }
    }
    var channels: [ChannelWeights] = []
    for channel in found { channels.append(try channel.get()) }
    self.channels = channels
  }

  /// The sums of a layer in `context` with these weights, in the order that it wants.
  func sums(_ weights: Constants<Int8>, _ context: LayerContext) -> ChannelSums {
    ChannelSums(
      inputZeroPoint: context.input.zeroPoint, outputZeroPoint: context.output.zeroPoint,
      clamp: context.clamp, rounding: context.rounding, weights: weights,
      bias: Constants(channels.map(\.bias)),
      multipliers: Constants(channels.map(\.requantization.multiplier)),
      shifts: Constants(channels.map { Int8($0.requantization.shift) }), curve: context.curve)
  }

  var scales: Constants<Float> { Constants(channels.map(\.scale)) }

  /// Channel by channel: `[outputChannels][taps]`.
  var channelMajor: Constants<Int8> { Constants(channels.flatMap(\.codes)) }

  /// Tap by tap: `[taps][outputChannels]`.
  var tapMajor: Constants<Int8> {
    let taps = channels.first?.codes.count ?? 0
    return Constants((0..<taps).flatMap { tap in channels.map { $0.codes[tap] } })
  }
}
