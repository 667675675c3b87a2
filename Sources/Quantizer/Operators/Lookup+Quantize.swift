internal import FixedPoint
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Lookup {
  /// The table of `activation` from the input's scale to the output's: the nearest code of the
  /// exact function of the exact input, ties away from zero.
  init(_ activation: Activation, _ context: LayerContext) {
    self.init(
      function: activation.rawValue, count: context.input.shape.count,
      table: LookupTable { context.output.code(activation(context.input.real($0))) })
  }
}
