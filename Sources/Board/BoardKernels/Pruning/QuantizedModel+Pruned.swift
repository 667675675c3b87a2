package import QuantizedIR
internal import Tensors

extension QuantizedModel {
  /// Whether firmware computes each channel of each tensor.
  package var emittedChannels: [[Bool]] {
    let needed = NeededChannels(self, ConstantChannels(self))
    return tensors.indices.map { needed[$0] }
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
      let kept = needed.kept(tensor)
      guard kept.count < tensors[tensor].shape.channels else { continue }
      guard !kept.isEmpty else { return self }
      result.tensors[tensor].shape.dimensions[tensors[tensor].shape.rank - 1] = kept.count
      result.tensors[tensor].channelFactors = tensors[tensor].channelFactors.map { factors in
        Constants(kept.map { factors[$0] })
      }
    }
    for index in layers.indices {
      let layer = layers[index]
      let cut = ChannelCut(
        inputs: needed.kept(layer.inputs[0]), outputs: needed.kept(layer.output),
        inputCodes: constants[layer.inputs[0]])
      let relation = channelRelation(of: layer)
      result.layers[index].operation = layer.operation.applying(cut, relation)
      if relation.isOfChannels, !layer.weightScales.values.isEmpty {
        result.layers[index].weightScales = cut.outputs(of: layer.weightScales)
      }
    }
    return result
  }
}

extension ChannelRelation {
  fileprivate var isOfChannels: Bool {
    if case .whole = self { false } else { true }
  }
}
