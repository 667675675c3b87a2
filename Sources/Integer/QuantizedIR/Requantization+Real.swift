package import FixedPoint

extension Requantization {
  /// The real factor.
  package var real: Double {
    Double(multiplier) * Double(sign: .plus, exponent: Int(shift) - 31, significand: 1)
  }

  /// Encodes a real factor to within one part in 2^31; below `2^-32` it is 0.
  ///
  /// - Throws: `FactorOutOfRange` unless `0 <= factor < 2^30`.
  ///
  /// Source: TensorFlow Lite `quantization_util.cc`, `QuantizeMultiplier`.
  package init(factor: Double) throws(FactorOutOfRange) {
    guard factor >= 0, factor < 0x1p30 else { throw FactorOutOfRange(factor: factor) }
    guard factor >= 0x1p-32 else {
      self.init(multiplier: 0, shift: 0)
      return
    }
    // `significand` is in 1 ..< 2; the Q0.31 mantissa needs 0.5 ..< 1.
    let mantissa = (factor.significand * 0x1p30).rounded(.toNearestOrAwayFromZero)
    let exponent = Int32(factor.exponent) + 1
    if mantissa == 0x1p31 {
      self.init(multiplier: 1 << 30, shift: exponent + 1)
    } else {
      self.init(multiplier: Int32(mantissa), shift: exponent)
    }
  }

  /// A real factor without a shift, where that keeps 15 bits of it or more: then `double` rounds
  /// once, ties up, and the mantissa's own rounding moves a result by at most the accumulator times
  /// `2^-32`. Other factors are encoded as by `init(factor:)`.
  package init(roundedOnce factor: Double) throws(FactorOutOfRange) {
    guard factor >= 0x1p-16, factor <= 0.5 else {
      try self.init(factor: factor)
      return
    }
    self.init(multiplier: Int32((factor * 0x1p31).rounded(.toNearestOrAwayFromZero)), shift: 0)
  }
}

/// A real factor that no multiplier and shift can express.
package struct FactorOutOfRange: Error, Equatable {
  package let factor: Double
}
