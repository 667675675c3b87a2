package import FixedPoint

/// The product of two int8 tensors, each with a zero point of its own: the last step of
/// squeeze-and-excitation among others.
///
/// `req((a - aZeroPoint) * (b - bZeroPoint), factor) + outputZeroPoint`, clamped, where the
/// factor is `aScale * bScale / outputScale`.
///
/// Twin: `mnq_multiply` in `CRuntime`. Source: TensorFlow Lite `reference/integer_ops/mul.h`.
package struct Multiply: Hashable, Codable, Sendable {
  package var broadcast: Broadcast
  /// `-128 ... 127`.
  package var aZeroPoint: Int32
  /// `-128 ... 127`.
  package var bZeroPoint: Int32
  /// `-128 ... 127`.
  package var outputZeroPoint: Int32
  package var factor: Requantization
  /// The codes that the output may take: its activation.
  package var clamp: ClosedRange<Int32>
  package var rounding: Rounding

  package init(
    broadcast: Broadcast, aZeroPoint: Int32, bZeroPoint: Int32, outputZeroPoint: Int32,
    factor: Requantization, clamp: ClosedRange<Int32> = -128...127, rounding: Rounding = .double
  ) {
    self.broadcast = broadcast
    self.aZeroPoint = aZeroPoint
    self.bZeroPoint = bZeroPoint
    self.outputZeroPoint = outputZeroPoint
    self.factor = factor
    self.clamp = clamp
    self.rounding = rounding
  }
}
