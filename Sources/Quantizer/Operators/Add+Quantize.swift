internal import QuantizedIR

extension Add {
  /// The int8 sum of the two tensors of `context`.
  ///
  /// Source: TensorFlow Lite Micro `kernels/add_common.cc`.
  init(_ context: LayerContext) throws(QuantizationError) {
    let (a, b, output) = (context.inputs[0], context.inputs[1], context.output)
    let common = 2 * max(a.scale, b.scale)
    self.init(
      broadcast: try context.broadcast(),
      aZeroPoint: a.zeroPoint, aFactor: try context.requantization(a.scale / common),
      bZeroPoint: b.zeroPoint, bFactor: try context.requantization(b.scale / common),
      outputZeroPoint: output.zeroPoint,
      outputFactor: try context.requantization(
        common / (Double(1 << Self.leftShift) * output.scale)),
      clamp: context.clamp, rounding: context.rounding)
  }
}
