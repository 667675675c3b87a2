internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Operator.Rearrange: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    preconditionFailure("values that only move are copies")
  }

  func copies(_ context: LayerContext) -> [(copy: Copy, operand: Int)]? {
    Copy.rearranging(order, inputCount: context.input.shape.count).map { ($0, 0) }
  }

  var outputCodes: OutputCodes { .ofInput }
}
