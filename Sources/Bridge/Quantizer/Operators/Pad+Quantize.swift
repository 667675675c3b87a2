internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Operator.Pad: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    (.copy(Copy.pad(padding, context)), [])
  }

  var outputCodes: OutputCodes { .ofInput }
}

extension Copy {
  /// Padding with the code of real 0.
  static func pad(_ padding: Padding, _ context: LayerContext) -> Copy {
    pad(
      context.input.shape, before: [0, padding.top, padding.left, 0], to: context.output.shape,
      fill: Int8(context.output.zeroPoint))
  }
}
