package import FixedPoint
internal import QuantizedIR
internal import Tensors

extension Mean {
  /// The int8 mean over height and width of the tensor of `context`.
  init(_ context: LayerContext) throws(QuantizationError) {
    let (input, output) = (context.input, context.output)
    let pixels = input.shape.extent.count
    self.init(
      pixels: pixels, channels: input.shape.channels, inputZeroPoint: input.zeroPoint,
      outputZeroPoint: output.zeroPoint,
      factor: try context.requantization(input.scale / output.scale).divided(by: pixels),
      rounding: context.rounding)
  }
}

extension Requantization {
  /// The factor divided by a count: the mantissa first moves up as far as 63 bits, 32 places and
  /// the least shift allow, then the division truncates.
  ///
  /// Source: TensorFlow Lite `reference/reduce.h`, `QuantizedMeanOrSum`.
  package func divided(by count: Int) -> Requantization {
    let room = Int64.bitWidth - 1 - Int64(count).leadingZeroBitCount
    let places = Swift.min(room, 32, 31 + Int(shift))
    let mantissa = (Int64(multiplier) << Int64(places)) / Int64(count)
    return Requantization(multiplier: Int32(mantissa), shift: shift - Int32(places))
  }
}
