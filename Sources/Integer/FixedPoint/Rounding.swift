/// How a 32-bit accumulator times a real factor becomes an integer again.
///
/// Two runtimes with the same weights differ by one exactly where these rules differ, so the
/// rule is a named property of every layer, the same in Swift, in C and on the board.
///
/// | accumulator × factor | `double` | `singleUp` | `singleAway` |
/// |---|---|---|---|
/// | 3 × 1/2 | 2 | 2 | 2 |
/// | -3 × 1/2 | -1 | -1 | -2 |
/// | -6 × 1/4 | -2 | -1 | -2 |
/// | 1 × 0.49 | 1 | 0 | 0 |
///
/// Twin, with the same raw values: `mnq_rounding` in `CRuntime/include/mnq_runtime.h`.
public enum Rounding: Int32, CaseIterable, Hashable, Sendable {
  /// The high multiply rounds ties towards positive infinity, then the right shift rounds ties
  /// away from zero. TensorFlow Lite's reference convolutions, TFLM and CMSIS-NN.
  case double = 0

  /// The 64-bit product is rounded once, ties towards positive infinity.
  /// `TFLITE_SINGLE_ROUNDING`, `CMSIS_NN_USE_SINGLE_ROUNDING`.
  case singleUp = 1

  /// The 64-bit product is rounded once, ties away from zero.
  /// LiteRT's reference fully connected layer.
  case singleAway = 2
}

extension Int32 {
  /// `self * other / 2^31`, to nearest, ties towards positive infinity.
  ///
  /// The one product that does not fit, `Int32.min * Int32.min`, saturates to `Int32.max`.
  /// Source: gemmlowp `SaturatingRoundingDoublingHighMul`.
  @inlinable
  public func highMultiplied(by other: Int32) -> Int32 {
    if self == .min && other == .min { return .max }
    return Int32(truncatingIfNeeded: (Int64(self) * Int64(other) + (1 << 30)) >> 31)
  }

  /// `self / 2^count`, to nearest, ties away from zero. `count` is in `0 ... 31`.
  ///
  /// Source: gemmlowp `RoundingDivideByPOT`.
  @inlinable
  public func roundedShiftRight(by count: Int32) -> Int32 {
    let mask = Int32(truncatingIfNeeded: (Int64(1) << Int64(count)) - 1)
    let threshold = (mask >> 1) + (self < 0 ? 1 : 0)
    return (self >> count) + ((self & mask) > threshold ? 1 : 0)
  }

  /// `self` moved into `bounds`.
  @inlinable
  public func clamped(to bounds: ClosedRange<Int32>) -> Int32 {
    Swift.min(Swift.max(self, bounds.lowerBound), bounds.upperBound)
  }
}
