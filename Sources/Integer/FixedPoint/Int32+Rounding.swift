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
