/// `x * min(max(x + 3, 0), 6) / 6` of an int8 code, as TensorFlow Lite computes it: with 16-bit
/// products, one of them truncated, so that a few codes are one off the nearest.
///
/// Source: TensorFlow Lite `reference/hard_swish.h`.
public struct HardSwishFunction: Sendable {
  /// The code of 0 among inputs.
  public let inputZeroPoint: Int32
  /// The code of 0 among outputs.
  public let outputZeroPoint: Int32
  /// From 1/128 of an input step to an output step; its shift is not positive.
  public let outputFactor: Requantization
  /// From 1/128 of an input step to 3/32768.
  public let reluishFactor: Requantization

  /// The function with these zero points and factors.
  public init(
    inputZeroPoint: Int32, outputZeroPoint: Int32, outputFactor: Requantization,
    reluishFactor: Requantization
  ) {
    precondition(outputFactor.shift <= 0, "the output factor is 1 or more")
    self.inputZeroPoint = inputZeroPoint
    self.outputZeroPoint = outputZeroPoint
    self.outputFactor = outputFactor
    self.reluishFactor = reluishFactor
  }

  /// The output code of the input code.
  public func callAsFunction(_ input: Int8) -> Int8 {
    let fine = Int16(truncatingIfNeeded: (Int32(input) - inputZeroPoint) * 128)
    let scaled = fine.highMultiplied(by: outputFactor.multiplier16)
    let product = Int32(reluish(fine)) * Int32(scaled) / (1 << 15)
    let output = product.roundedShiftRight(by: -outputFactor.shift) + outputZeroPoint
    return Int8(output.clamped(to: -128...127))
  }

  /// `min(max(x + 3, 0), 6) / 6` in Q0.15.
  private func reluish(_ fine: Int16) -> Int16 {
    let shift = reluishFactor.shift
    var value = fine
    if shift > 0 { value = value.saturatingShiftLeft(by: shift - 1) }
    value = value.highMultiplied(by: reluishFactor.multiplier16)
    if shift > 0 { value = value.saturatingShiftLeft(by: 1) }
    if shift < 0 { value = Int16(Int32(value).roundedShiftRight(by: -shift)) }
    return Int16((Int32(value) + (1 << 15)) >> 1)
  }
}

extension Requantization {
  /// The mantissa in Q0.15.
  fileprivate var multiplier16: Int16 {
    Int16(Swift.min((Int64(multiplier) + (1 << 15)) >> 16, Int64(Int16.max)))
  }
}

extension Int16 {
  /// `self * other / 2^15`, to nearest, ties towards positive infinity; `other` is not negative.
  ///
  /// Source: gemmlowp `SaturatingRoundingDoublingHighMul`.
  fileprivate func highMultiplied(by other: Int16) -> Int16 {
    Int16((Int32(self) * Int32(other) + (1 << 14)) >> 15)
  }

  /// `self * 2^count`, saturated. `count` is in `0 ... 30`.
  fileprivate func saturatingShiftLeft(by count: Int32) -> Int16 {
    let shifted = Int64(self) << Int64(count)
    return Int16(Swift.min(Swift.max(shifted, Int64(Int16.min)), Int64(Int16.max)))
  }
}
