package import FixedPoint

/// The sum of two int8 tensors, each with a scale of its own.
///
/// Both operands are brought to a common scale `2 * max(aScale, bScale)` with `leftShift` extra
/// bits, added, and brought to the output's scale:
/// `req(req((a - aZeroPoint) << leftShift, aFactor) + req((b - …) << leftShift, bFactor),
/// outputFactor) + outputZeroPoint`, clamped.
///
/// Twin: `mnq_add` in `CRuntime`. Source: TensorFlow Lite `reference/integer_ops/add.h`.
package struct Add: Hashable, Codable, Sendable {
  /// Extra bits below the binary point of the common scale.
  package static let leftShift: Int32 = 20
  /// The same for operands of 16 bits.
  package static let wideLeftShift: Int32 = 15

  package var broadcast: Broadcast
  /// `-128 ... 127`.
  package var aZeroPoint: Int32
  package var aFactor: Requantization
  /// `-128 ... 127`.
  package var bZeroPoint: Int32
  package var bFactor: Requantization
  /// `-128 ... 127`.
  package var outputZeroPoint: Int32
  package var outputFactor: Requantization
  /// The codes that the output may take: its activation.
  package var clamp: ClosedRange<Int32>
  package var rounding: Rounding

  package init(
    broadcast: Broadcast, aZeroPoint: Int32, aFactor: Requantization, bZeroPoint: Int32,
    bFactor: Requantization, outputZeroPoint: Int32, outputFactor: Requantization,
    clamp: ClosedRange<Int32> = -128...127, rounding: Rounding = .double
  ) {
    self.broadcast = broadcast
    self.aZeroPoint = aZeroPoint
    self.aFactor = aFactor
    self.bZeroPoint = bZeroPoint
    self.bFactor = bFactor
    self.outputZeroPoint = outputZeroPoint
    self.outputFactor = outputFactor
    self.clamp = clamp
    self.rounding = rounding
  }
}
