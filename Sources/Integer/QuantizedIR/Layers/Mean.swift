package import FixedPoint

/// The mean of each channel over all pixels, from one scale to another.
///
/// `req(Σ input - inputZeroPoint * pixels, factor) + outputZeroPoint`, clamped to int8, where the
/// factor is `inputScale / (outputScale * pixels)`.
///
/// Twin: `mnq_mean` in `CRuntime`. Source: TensorFlow Lite `reference/reduce.h`,
/// `QuantizedMeanOrSum`.
package struct Mean: Hashable, Codable, Sendable {
  /// Height times width of the input.
  package var pixels: Int
  package var channels: Int
  /// `-128 ... 127`.
  package var inputZeroPoint: Int32
  /// `-128 ... 127`.
  package var outputZeroPoint: Int32
  package var factor: Requantization
  package var rounding: Rounding

  package init(
    pixels: Int, channels: Int, inputZeroPoint: Int32, outputZeroPoint: Int32,
    factor: Requantization, rounding: Rounding = .double
  ) {
    self.pixels = pixels
    self.channels = channels
    self.inputZeroPoint = inputZeroPoint
    self.outputZeroPoint = outputZeroPoint
    self.factor = factor
    self.rounding = rounding
  }
}
