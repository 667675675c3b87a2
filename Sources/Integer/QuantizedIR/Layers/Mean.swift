package import FixedPoint

/// The mean of each channel over all pixels, from one scale to another.
///
/// `req(Σ input - inputZeroPoint * pixels, factor) + outputZeroPoint`, clamped to int8, where the
/// factor is `inputScale / (outputScale * pixels)`.
///
/// Twin: `mnq_mean` in `CRuntime`. Source: TensorFlow Lite `reference/reduce.h`,
/// `QuantizedMeanOrSum`.
package struct Mean: IntegerLayer {
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

extension Mean {
  package static var fileKinds: [String] { ["mean"] }
  package var asOperation: Operation { .mean(self) }
  package var valueCounts: (inputs: [Int], output: Int) { ([pixels * channels], channels) }
  package var zeroPoints: (inputs: [Int32], output: Int32?) { ([inputZeroPoint], outputZeroPoint) }
  /// A channel is read for the last time before its place is written.
  package var overlaps: [Overlap] { [.trailing(distance: 0)] }

  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    // 255 codes a pixel must add up within 32 bits.
    try FieldProblem.require(pixels, "pixels", in: 1...1 << 23)
    try FieldProblem.require(channels, "channels", in: FieldLimit.size)
    _ = try FieldProblem.product([pixels, channels], "input")
  }

  package func checkScales(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor, _ weightScales: Constants<Float>
  ) throws(FieldProblem) {
    try FieldProblem.require(
      factor.real, "factor", isFactor: inputs[0].scale / output.scale / Double(pixels))
  }

  package func checkWide(readsWide: Bool) throws(FieldProblem) {
    try FieldProblem.require(pixels, "pixels", in: 1...Wide.mostPixels)
  }
}
