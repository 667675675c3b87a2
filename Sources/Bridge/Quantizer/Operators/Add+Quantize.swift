internal import QuantizedIR

extension Add {
  /// The int8 sum of the two tensors of `context`.
  init(_ context: LayerContext) throws(QuantizationError) {
    let broadcast = try context.broadcast()
    do throws(FactorOutOfRange) {
      try self.init(
        a: context.inputs[0], b: context.inputs[1], output: context.output, broadcast: broadcast,
        clamp: context.clamp, rounding: context.rounding)
    } catch {
      throw .factor(node: context.name, channel: 0, factor: error.factor)
    }
  }
}
