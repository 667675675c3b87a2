internal import NetworkGraph
internal import QuantizedIR

/// An alias of the tensor that it reads, not a layer: the quantizer never asks for one.
extension Operator.Reshape: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    preconditionFailure("a reshape is an alias, not a layer")
  }

  var outputCodes: OutputCodes { .ofInput }
}
