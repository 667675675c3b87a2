internal import FixedPoint
internal import QuantizedIR

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
    var channels: [ChannelWeights] = []
    for (channel, weights) in taps.enumerated() {
      channels.append(
        try ChannelWeights(
          weights, bias: bias[channel], channel: channel, context: context,
          method: context.weights))
    }
    self.channels = channels
  }

  var bias: Constants<Int32> { Constants(channels.map(\.bias)) }
  var multipliers: Constants<Int32> { Constants(channels.map(\.requantization.multiplier)) }
  var shifts: Constants<Int8> { Constants(channels.map { Int8($0.requantization.shift) }) }
  var scales: Constants<Float> { Constants(channels.map(\.scale)) }

  /// Channel by channel: `[outputChannels][taps]`.
  var channelMajor: Constants<Int8> { Constants(channels.flatMap(\.codes)) }

  /// Tap by tap: `[taps][outputChannels]`.
  var tapMajor: Constants<Int8> {
    let taps = channels.first?.codes.count ?? 0
    return Constants((0..<taps).flatMap { tap in channels.map { $0.codes[tap] } })
  }
}
