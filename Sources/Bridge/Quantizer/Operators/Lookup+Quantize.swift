internal import FixedPoint
internal import NetworkGraph
internal import QuantizedIR
internal import Tensors

extension Lookup {
  /// The table of `activation` from the input's scale to the output's: the nearest code, ties away
  /// from zero, of the exact function of the exact input, or of what `TableMeans` says.
  init(_ activation: Activation, _ context: LayerContext) {
    let means = context.inputHistogram.map { TableMeans(activation, $0, input: context.input) }
    self.init(
      function: activation.rawValue, count: context.input.shape.count,
      table: LookupTable { code in
        context.output.code(means?[code] ?? activation(context.input.real(code)))
      })
  }
}
