internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Operator.Softmax: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    (.softmax(try Softmax(context)), [])
  }

  var outputCodes: OutputCodes { .unitInterval }
}

extension Softmax {
  /// The int8 softmax over the innermost axis of the tensor of `context`.
  init(_ context: LayerContext) throws(QuantizationError) {
    guard let layer = Softmax(depth: context.input.shape.channels, inputScale: context.input.scale)
    else { throw .softmax(node: context.name, depth: context.input.shape.channels) }
    self = layer
  }
}
