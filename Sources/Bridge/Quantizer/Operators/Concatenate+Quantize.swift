internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Operator.Concatenate: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    preconditionFailure("values that only move are copies")
  }

  func copies(_ context: LayerContext) -> [(copy: Copy, operand: Int)]? {
    var offset = 0
    return context.inputs.enumerated().map { operand, input in
      defer { offset += input.shape.dimensions[axis] }
      return (
        .part(input.shape, axis: axis, offset: offset, of: context.output.shape), operand
      )
    }
  }
}
