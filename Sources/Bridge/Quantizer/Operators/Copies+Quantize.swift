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

/// An alias of the tensor that it reads, not a layer: the quantizer never asks for one.
extension Operator.Reshape: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    preconditionFailure("a reshape is an alias, not a layer")
  }

  var outputCodes: OutputCodes { .ofInput }
}
