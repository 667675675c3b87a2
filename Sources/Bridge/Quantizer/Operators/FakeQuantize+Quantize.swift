internal import FixedPoint
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

/// A change of scale, by a table: what is left of it where no layer can write its codes.
extension Operator.FakeQuantize: QuantizableOperator {
  func quantized(
    _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    let table = LookupTable { code(Float(context.input.real($0))) }
    let layer = Lookup(
      function: .identity, count: context.input.shape.count, table: table)
    return (.lookup(layer), [])
  }

  /// Those that the file says.
  var parameters: AffineParameters {
    AffineParameters(scale: Double(scale), zeroPoint: zeroPoint)
  }
}
