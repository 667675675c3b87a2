/// The hyperbolic tangent of an int8 code, to scale 1/128 with zero point 0, as TensorFlow Lite Micro
/// computes it.
///
/// Source: TensorFlow Lite `reference/integer_ops/tanh.h`.
public struct TanhFunction: Sendable {
  private let inputZeroPoint: Int32
  private let factor: Requantization
  private let radius: Int32

  /// - Parameters:
  ///   - inputZeroPoint: `-128 ... 127`.
  ///   - factor: From input codes to Q4.27: `inputScale * 2^27`.
  ///   - radius: Inputs this far from the zero point give -1 or 127/128.
  public init(inputZeroPoint: Int32, factor: Requantization, radius: Int32) {
    self.inputZeroPoint = inputZeroPoint
    self.factor = factor
    self.radius = radius
  }

  /// The output code of the input code.
  public func callAsFunction(_ input: Int8) -> Int8 {
    let centered = Int32(input) - inputZeroPoint
    if centered <= -radius { return .min }
    if centered >= radius { return .max }
    let output = factor(centered).hyperbolicTangent.roundedShiftRight(by: 24)
    return Int8(output.clamped(to: -128...127))
  }
}

extension Int32 {
  /// `tanh(self)` in Q0.31, for `self` in Q4.27: `(1 - e) / (1 + e)` with `e = exp(-2 * abs(self))`.
  ///
  /// Source: gemmlowp `fixedpoint.h`, `tanh`.
  public var hyperbolicTangent: Int32 {
    if self == 0 { return 0 }
    let negative = self > 0 ? -self : self
    // Twice a number of 4 integer bits is the same bits with 5.
    let result = negative.exponential(integerBits: 5).quotientOfOneMinusAndOnePlus
    return self > 0 ? result : -result
  }

  /// `(1 - self) / (1 + self)` in Q0.31, for `self` in Q0.31, not negative.
  ///
  /// Source: gemmlowp `fixedpoint.h`, `one_minus_x_over_one_plus_x_for_x_in_0_1`.
  private var quotientOfOneMinusAndOnePlus: Int32 {
    (doubleReciprocalOfOnePlus - (1 << 29)).saturatingShiftLeft(by: 2)
  }
}
