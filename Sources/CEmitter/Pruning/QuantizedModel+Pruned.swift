package import QuantizedIR
internal import Tensors

extension QuantizedModel {
  /// Whether firmware computes each channel of each tensor.
  package var emittedChannels: [[Bool]] {
    let needed = NeededChannels(self, ConstantChannels(self))
    return tensors.indices.map { needed.isNeeded[storage(of: $0)] }
  }

  /// The same function of the input without the channels that say nothing: constant ones, whose
  /// share of a sum joins its bias, and ones that nothing reads.
  ///
  /// Exact, borders included: a constant that meets taps outside the image stays unless it is the
  /// zero point.
  package var pruned: QuantizedModel {
    let constants = ConstantChannels(self)
    let needed = NeededChannels(self, constants)
    var result = self
    for tensor in tensors.indices {
      let count = needed.kept(tensor).count
      guard count > 0 else { return self }
      result.tensors[tensor].shape.dimensions[tensors[tensor].shape.rank - 1] = count
    }
    for index in layers.indices {
      let layer = layers[index]
      let input = storage(of: layer.inputs[0])
      let cut = ChannelCut(
        inputs: needed.kept(layer.inputs[0]), outputs: needed.kept(layer.output),
        inputCodes: constants.codes[input])
      result.layers[index].operation = layer.operation.applying(cut)
      if !layer.weightScales.values.isEmpty {
        result.layers[index].weightScales = cut.outputs(of: layer.weightScales)
      }
    }
    return result
  }
}
