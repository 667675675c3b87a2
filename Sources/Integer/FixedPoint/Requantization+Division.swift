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
