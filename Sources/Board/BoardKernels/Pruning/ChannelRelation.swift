internal import QuantizedIR
internal import Tensors

/// What the channels of a layer's output have to do with those of its first input.
enum ChannelRelation {
  /// Each output channel follows from the input channel of the same number alone.
  case same
  /// Each output channel is a sum over all input channels, and can be left out alone.
  case sums
  /// Each output value is a sum over all input channels; none can be left out.
  case reads
  /// Anything else.
  case whole
}

extension QuantizedModel {
  /// Whether the channels of `tensor` are those of the tensor that owns its bytes: a tensor under
  /// another shape may have its innermost axis cut elsewhere.
  func sharesChannels(_ tensor: Int) -> Bool {
    let owner = tensors[storage(of: tensor)].shape
    return owner.rank > 0 && tensors[tensor].shape.channels == owner.channels
  }

  /// What `layer` does with channels as its tensors count them.
  func channelRelation(of layer: Layer) -> ChannelRelation {
    guard sharesChannels(layer.inputs[0]), sharesChannels(layer.output) else { return .whole }
    return layer.operation.channelRelation(
      input: tensors[layer.inputs[0]].shape.channels, output: tensors[layer.output].shape.channels)
  }
}

extension Operation {
  /// The relation where the innermost axes of input and output have these sizes.
  fileprivate func channelRelation(input: Int, output: Int) -> ChannelRelation {
    switch self {
    case .conv2D(let layer):
      layer.groups == 1 && layer.inputChannels == input && layer.outputChannels == output
        ? .sums : .whole
    case .depthwiseConv2D(let layer):
      layer.channelMultiplier == 1 && layer.channels == input && input == output ? .same : .whole
    case .fullyConnected(let layer):
      layer.inputCount == input && layer.outputCount == output ? .reads : .whole
    case .lookup(let layer): input == output && layer.count % input == 0 ? .same : .whole
    // Axes inside those of the mean count as channels too.
    case .mean(let layer): input == output && layer.channels % input == 0 ? .same : .whole
    case .averagePool(let layer): layer.channels == input && input == output ? .same : .whole
    case .maxPool(let layer): layer.channels == input && input == output ? .same : .whole
    case .add, .multiply, .softmax, .extremum, .copy, .wide: .whole
    }
  }
}
