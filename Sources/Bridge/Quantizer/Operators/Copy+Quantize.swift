internal import QuantizedIR
internal import Tensors

extension Copy {
  /// Padding with the code of real 0.
  static func pad(_ padding: Padding, _ context: LayerContext) -> Copy {
    pad(
      context.input.shape, before: [0, padding.top, padding.left, 0], to: context.output.shape,
      fill: Int8(context.output.zeroPoint))
  }
}
