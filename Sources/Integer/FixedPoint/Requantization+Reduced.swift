extension Requantization {
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
    let mantissa = multiplier < 0x7FFF_0000 ? (multiplier + (1 << 15)) >> 16 : 0x7FFF
    let count = Int64(15 - shift)
    let product = Int64(accumulator) * Int64(mantissa)
    return Int32(truncatingIfNeeded: (product + (1 << (count - 1))) >> count)
  }
}
