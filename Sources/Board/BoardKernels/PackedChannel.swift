internal import FixedPoint
internal import QuantizedIR

/// How the accumulators of one output channel become codes. Twin: `mnq_channel`.
package struct PackedChannel: Hashable, Sendable {
  let bias: Int32
  let multiplier: Int32
  let rounding: Int32
  let left: Int32
  let right: Int32
  /// Whether the last shift rounds, so that ties of negative values need care.
  let roundsTwice: Bool

  /// Size of the C struct.
  package static let bytes = 16

  /// What beside the channels of a layer makes an even number of them.
  static let padding = PackedChannel(
    bias: 0, multiplier: 0, rounding: 0, left: 0, right: 0, roundsTwice: true)

  /// How the C reads the constants.
  enum Form {
    /// `mnq_rescale`: the multiply leaves the first rounding to the sum.
    case truncating
    /// `mnq_rescale_dsp`: the multiply rounds.
    case rounding
  }

  /// Folds the input's zero point into the bias of channel `index`, whose weights are `weights`;
  /// `nil` where the short form of the arithmetic would not give the bytes of `double` rounding.
  init?(
    _ layer: some ChannelRequantized, _ index: Int, weights: some Sequence<Int8>,
    inputZeroPoint: Int32, form: Form
  ) {
    var (least, most, magnitude) = (Int(layer.bias[index]), Int(layer.bias[index]), 0)
    var bias = least
    for weight in weights {
      let products = [-128, 127].map { Int(weight) * ($0 - Int(inputZeroPoint)) }
      least += products.min() ?? 0
      most += products.max() ?? 0
      magnitude += abs(Int(weight))
      bias -= Int(weight) * Int(inputZeroPoint)
    }
    let factor = layer.requantization(index)
    guard max(abs(least), abs(most)) << max(factor.shift, 0) <= Int32.max,
      128 * magnitude < 1 << 23
    else { return nil }
    let outputZeroPoint = layer.outputZeroPoint
    let full = layer.curve == nil ? -128...127 : Curve.inputs
    func code(_ accumulator: Int) -> Int32 {
      min(max(factor(Int32(accumulator)) + outputZeroPoint, full.lowerBound), full.upperBound)
    }
    switch code(most) - code(least) {
    case 0:
      // Nothing that the input holds can move the result: the sums count for nothing.
      self.init(
        bias: 0, multiplier: 0, rounding: 4 * code(least) + 2, left: 2, right: 2,
        roundsTwice: true)
    case 1 where layer.curve == nil:
      self.init(stepAt: Self.border(least, most, code), bias: bias, above: code(most))
    default:
      self.init(
        factor, bias: bias, within: abs(bias) + 128 * magnitude,
        outputZeroPoint: outputZeroPoint, form: form)
    }
  }

  /// The least of `least ... most` whose code is that of `most`.
  private static func border(_ least: Int, _ most: Int, _ code: (Int) -> Int32) -> Int {
    var (below, above) = (least, most)
    while above - below > 1 {
      let middle = (below + above) / 2
      if code(middle) == code(most) { above = middle } else { below = middle }
    }
    return above
  }

  /// The code `above` from the accumulator `border` on, and one less below it.
  ///
  /// The sum is the distance from the border, times 4, which a multiplication by 2^30 takes back in
  /// both forms; the last shift leaves of it 0 or -1, since the weights cannot add up to 2^24.
  private init(stepAt border: Int, bias: Int, above: Int32) {
    self.init(
      bias: Int32(bias - border), multiplier: 1 << 30, rounding: above << 24, left: 2, right: 24,
      roundsTwice: true)
  }

  /// A requantization of sums up to `bound` in magnitude; `nil` where the short form of the
  /// arithmetic would not give the bytes of `double` rounding.
  init?(
    _ factor: Requantization, bias: Int = 0, within bound: Int, outputZeroPoint: Int32,
    form: Form = .truncating
  ) {
    let right = Int(max(-factor.shift, 0))
    let left = Int(max(factor.shift, 0))
    // Doubled: the truncating form's.
    let rounding = (2 * Int(outputZeroPoint) + 1) << right + (right > 0 ? 1 : 0)
    guard bound << left < 1 << 29, right < 31,
      abs(rounding) + (4 * (bound << left) * Int(factor.multiplier)) >> 32 + 3 <= Int32.max
    else { return nil }
    let isDoubled = form == .truncating
    self.init(
      bias: Int32(bias), multiplier: factor.multiplier,
      rounding: Int32(isDoubled ? rounding : (rounding - 1) >> 1),
      left: Int32(left) + (isDoubled ? 2 : 1), right: Int32(right) + (isDoubled ? 1 : 0),
      roundsTwice: right > 0)
  }

  /// The fields of the C struct, in order.
  package var numbers: [Int32] {
    [bias, multiplier, rounding, left, right, left - 1, -right]
  }

  /// The C struct, 32 bits at a time.
  package var words: [UInt32] {
    let bytes = [left, right, left - 1, -right].enumerated().map { place, byte in
      UInt32(UInt8(truncatingIfNeeded: byte)) << (8 * place)
    }
    return [bias, multiplier, rounding].map { UInt32(bitPattern: $0) } + [bytes.reduce(0, |)]
  }

  private init(
    bias: Int32, multiplier: Int32, rounding: Int32, left: Int32, right: Int32, roundsTwice: Bool
  ) {
    self.roundsTwice = roundsTwice
    self.bias = bias
    self.multiplier = multiplier
    self.rounding = rounding
    self.left = left
    self.right = right
  }
}
