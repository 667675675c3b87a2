/// A function of one `Int8`, as its 256 values.
///
/// Every unary function of an int8 tensor (h-swish, h-sigmoid, a change of scale) is one of these,
/// so engine, emitter and C need a single kernel for all of them.
///
/// Twin: `mnq_lookup` in `CRuntime/portable/mnq_lookup.c`.
public struct LookupTable: Sendable {
  /// The value for input `q` is at `q + 128`.
  public let values: InlineArray<256, Int8>

  /// Tabulates `function` over `Int8.min ... Int8.max`.
  @inlinable
  public init(_ function: (Int8) -> Int8) {
    values = InlineArray { index in function(Int8(index - 128)) }
  }

  /// The value for `input`.
  @inlinable
  public subscript(input: Int8) -> Int8 { values[Int(input) + 128] }
}

extension LookupTable: Equatable {
  /// Whether all 256 values agree.
  public static func == (left: LookupTable, right: LookupTable) -> Bool {
    left.values.indices.allSatisfy { left.values[$0] == right.values[$0] }
  }
}

/// The logistic function of an int8 code, to scale 1/256 with zero point -128, as TensorFlow Lite
/// computes it.
///
/// Source: TensorFlow Lite `reference/integer_ops/logistic.h`.
public struct LogisticFunction: Sendable {
  private let inputZeroPoint: Int32
  private let factor: Requantization
  private let radius: Int32

  /// - Parameters:
  ///   - inputZeroPoint: `-128 ... 127`.
  ///   - factor: From input codes to Q4.27: `inputScale * 2^27`.
  ///   - radius: Inputs this far from the zero point give 0 or 255/256.
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
    let output = factor(centered).logistic.roundedShiftRight(by: 23) - 128
    return Int8(output.clamped(to: -128...127))
  }
}

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
