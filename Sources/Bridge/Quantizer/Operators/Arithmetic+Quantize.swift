internal import NetworkGraph
internal import QuantizedIR

extension Operator.Add: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    (.add(try Add(context)), [])
  }

  var outputStage: OutputStage { .clamp }
  var wideFamily: WideCosts.Family? { .sum }
  var writesChains: Bool { true }
  var readsChains: Bool { true }
}

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

extension Operator.Multiply: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    (.multiply(try Multiply(context)), [])
  }

  var outputStage: OutputStage { .clamp }
  var wideFamily: WideCosts.Family? { .product }
}

extension Multiply {
  /// The int8 product of the two tensors of `context`.
  init(_ context: LayerContext) throws(QuantizationError) {
    let (a, b, output) = (context.inputs[0], context.inputs[1], context.output)
    self.init(
      broadcast: try context.broadcast(), aZeroPoint: a.zeroPoint, bZeroPoint: b.zeroPoint,
      outputZeroPoint: output.zeroPoint,
      factor: try context.requantization(a.scale * b.scale / output.scale),
      clamp: context.clamp, rounding: context.rounding)
  }
}
