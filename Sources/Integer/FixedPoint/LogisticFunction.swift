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
