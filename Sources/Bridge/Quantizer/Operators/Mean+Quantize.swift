internal import FixedPoint
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
      factor: try context.requantization(input.scale / output.scale).divided(by: Int32(pixels)),
      rounding: context.rounding)
  }
}
