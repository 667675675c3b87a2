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
    _ weights: [Float], bias: Float, channel: Int, node: String, input: QuantizedTensor,
    output: QuantizedTensor
  ) throws(QuantizationError) {
    guard bias.isFinite, weights.allSatisfy(\.isFinite) else {
      throw .invalidWeight(node: node, channel: channel)
    }
    let largest = Double(weights.map(\.magnitude).max() ?? 0)
    let biasFloor = Double(bias.magnitude) / (input.scale * Self.largestBias)
    var scale = Float(max(largest / 127, biasFloor, Double(Float.leastNormalMagnitude)))
    if largest == 0 && bias == 0 { scale = 1 }
    while true {
      let (codes, biasCode) = Self.round(weights, bias, scale, input)
      let factor = input.scale * Double(scale) / output.scale
      let requantization: Requantization
      do throws(FactorOutOfRange) {
        requantization = try Requantization(factor: factor)
      } catch {
        throw .factor(node: node, channel: channel, factor: factor)
      }
      let bound = Self.bound(codes, biasCode, input)
      if bound <= Int64(Int32.max) >> Int64(max(0, requantization.shift)) {
        self.codes = codes
        self.bias = biasCode
        self.requantization = requantization
        self.scale = scale
        return
      }
      guard bound > Int64(Int32.max) else {
        let bits = Int64.bitWidth - bound.leadingZeroBitCount + Int(requantization.shift) + 1
        throw .accumulator(node: node, channel: channel, bits: bits)
      }
      scale *= 2
    }
  }

  private static func round(
    _ weights: [Float], _ bias: Float, _ scale: Float, _ input: QuantizedTensor
  ) -> ([Int8], Int32) {
    let codes = weights.map { weight in
      let code = (Double(weight) / Double(scale)).rounded(.toNearestOrAwayFromZero)
      return Int8(min(max(code, -127), 127))
    }
    let biasCode = (Double(bias) / (input.scale * Double(scale)))
      .rounded(.toNearestOrAwayFromZero)
    return (codes, Int32(min(max(biasCode, -0x1p30), 0x1p30)))
  }

  /// The largest magnitude that the accumulator can have at any point of the sum, for any input.
  private static func bound(_ codes: [Int8], _ bias: Int32, _ input: QuantizedTensor) -> Int64 {
    let reach = Int64(max(127 - input.zeroPoint, 128 + input.zeroPoint))
    return codes.reduce(Int64(bias.magnitude)) { $0 + Int64($1.magnitude) * reach }
  }
}
