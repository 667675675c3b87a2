/// Multiplies an `Int32` accumulator by a real factor that is not negative, using integers only.
///
/// The factor is `multiplier * 2^(shift - 31)`. For a convolution it is
/// `inputScale * weightScale[c] / outputScale`, one value per output channel `c`.
///
/// Twin: `mnq_requantize` in `CRuntime/include/mnq_requantize.h`.
/// Source: Jacob et al., arXiv:1712.05877, section 2.2; gemmlowp `fixedpoint/fixedpoint.h`.
public struct Requantization: Hashable, Sendable {
  /// Mantissa in Q0.31: `1 << 30 ... Int32.max`, 0 for a zero factor, down to `1 << 29` where an
  /// integer division has truncated it (`Mean`), and less where no shift is to round a second time.
  public let multiplier: Int32

  /// Power of two: `-31 ... 30`. Positive shifts left, before the multiply.
  public let shift: Int32

  /// A factor from its stored form; `Requantization(factor:)` in `Quantizer` encodes a real one.
  @inlinable
  public init(multiplier: Int32, shift: Int32) {
    precondition(multiplier >= 0, "multiplier is negative")
    precondition((-31...30).contains(shift), "shift is outside -31 ... 30")
    self.multiplier = multiplier
    self.shift = shift
  }

  /// `accumulator` times the factor, rounded as `rounding` says.
  ///
  /// A positive `shift` wraps where `accumulator << shift` leaves 32 bits, in double rounding as
  /// in TensorFlow Lite; the quantizer proves that it does not happen.
  @inlinable
  public func callAsFunction(_ accumulator: Int32, rounding: Rounding = .double) -> Int32 {
    switch rounding {
    case .double:
      let shifted = accumulator << max(shift, 0)
      return shifted.highMultiplied(by: multiplier).roundedShiftRight(by: max(-shift, 0))
    case .singleUp:
      let count = Int64(31 - shift)
      let product = Int64(accumulator) * Int64(multiplier)
      return Int32(truncatingIfNeeded: (product + (1 << (count - 1))) >> count)
    case .singleAway:
      let count = Int64(31 - shift)
      let product = Int64(accumulator) * Int64(multiplier)
      let half: Int64 = 1 << (count - 1)
      let magnitude = (Int64(product.magnitude) + half) >> count
      return Int32(truncatingIfNeeded: product < 0 ? -magnitude : magnitude)
    }
  }
}

extension Requantization {
  /// The factor divided by a count: the mantissa first moves up as far as 63 bits, 32 places and
  /// the least shift allow, then the division truncates.
  ///
  /// Source: TensorFlow Lite `reference/reduce.h`, `QuantizedMeanOrSum`.
  public func divided(by count: Int32) -> Requantization {
    precondition(count > 0, "a mean over nothing")
    let room = Int32(Int64.bitWidth - 1 - Int64(count).leadingZeroBitCount)
    let places = Swift.min(room, 32, 31 + shift)
    let mantissa = (Int64(multiplier) << Int64(places)) / Int64(count)
    return Requantization(multiplier: Int32(mantissa), shift: shift - places)
  }
}

extension Requantization {
  /// The multiplier in Q0.15, to nearest: what `reduced` multiplies by.
  @inlinable
  public var reducedMantissa: Int32 {
    multiplier < 0x7FFF_0000 ? (multiplier + (1 << 15)) >> 16 : 0x7FFF
  }

  /// The largest shift with which `reduced` works.
  public static let mostReducedShift: Int32 = 14

  /// `accumulator` times the factor with a mantissa of 15 bits, rounded once, ties towards positive
  /// infinity: how layers that read 16-bit codes requantize. `shift` is at most
  /// `mostReducedShift`.
  ///
  /// Twin: `mnq_requantize_reduced` in `CRuntime/include/mnq_wide.h`.
  /// Source: TensorFlow Lite `kernels/internal/common.cc`, `MultiplyByQuantizedMultiplier` of 64-bit
  /// sums.
  @inlinable
  public func reduced(_ accumulator: Int32) -> Int32 {
    let count = Int64(15 - shift)
    let product = Int64(accumulator) * Int64(reducedMantissa)
    return Int32(truncatingIfNeeded: (product + (1 << (count - 1))) >> count)
  }
}

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
