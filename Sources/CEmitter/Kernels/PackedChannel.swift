internal import FixedPoint
internal import QuantizedIR

/// How the accumulators of one output channel become codes. Twin: `mnq_channel`.
struct PackedChannel: Hashable, Sendable {
  let bias: Int32
  let multiplier: Int32
  let rounding: Int32
  let left: Int32
  let right: Int32

  /// Size of the C struct.
  static let bytes = 16

  /// Folds the input's zero point into the bias of channel `index`, whose weights are `weights`;
  /// `nil` where the short form of the arithmetic would not give the bytes of `double` rounding.
  init?(
    _ layer: some ChannelRequantized, _ index: Int, weights: some Sequence<Int8>,
    inputZeroPoint: Int32
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
    let left = Int(max(factor.shift, 0))
    let bound = (abs(bias) + 128 * magnitude) << left
    guard max(abs(least), abs(most)) << left <= Int32.max else { return nil }
    let outputZeroPoint = layer.outputZeroPoint
    let full = layer.curve == nil ? -128...127 : Curve.inputs
    let codes = [least, most].map { accumulator in
      min(max(factor(Int32(accumulator)) + outputZeroPoint, full.lowerBound), full.upperBound)
    }
    if codes[0] == codes[1] {
      // Nothing that the input holds can move the result: the sums count for nothing.
      self.init(bias: 0, multiplier: 0, rounding: 4 * codes[0] + 2, left: 2, right: 2)
      return
    }
    let right = Int(max(-factor.shift, 0))
    let rounding = (2 * Int(outputZeroPoint) + 1) << right + (right > 0 ? 1 : 0)
    guard bound < 1 << 29, 128 * magnitude < 1 << 23, right < 31,
      abs(rounding) + (4 * bound * Int(factor.multiplier)) >> 32 + 3 <= Int32.max
    else { return nil }
    self.init(
      bias: Int32(bias), multiplier: factor.multiplier, rounding: Int32(rounding),
      left: Int32(left) + 2, right: Int32(right) + 1)
  }

  /// A requantization of integers up to `bound` in magnitude; `nil` where the short form of the
  /// arithmetic would not give the bytes of `double` rounding.
  init?(_ factor: Requantization, within bound: Int, outputZeroPoint: Int32) {
    let right = Int(max(-factor.shift, 0))
    let left = Int(max(factor.shift, 0))
    let rounding = (2 * Int(outputZeroPoint) + 1) << right + (right > 0 ? 1 : 0)
    guard bound << left < 1 << 29, right < 31,
      abs(rounding) + (4 * (bound << left) * Int(factor.multiplier)) >> 32 + 3 <= Int32.max
    else { return nil }
    self.init(
      bias: 0, multiplier: factor.multiplier, rounding: Int32(rounding), left: Int32(left) + 2,
      right: Int32(right) + 1)
  }

  /// The C struct's.
  var initializer: String {
    "{\(bias), \(multiplier), \(rounding), \(left), \(right), \(left - 1), \(-right)}"
  }

  private init(bias: Int32, multiplier: Int32, rounding: Int32, left: Int32, right: Int32) {
    self.bias = bias
    self.multiplier = multiplier
    self.rounding = rounding
    self.left = left
    self.right = right
  }
}
