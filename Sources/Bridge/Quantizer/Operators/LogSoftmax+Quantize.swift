internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// Where it ends the network it never comes here: the caller does it.
extension Operator.LogSoftmax: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    throw .logSoftmax(node: context.name)
  }
}
