internal import QuantizedIR
internal import Tensors

extension QuantizedModel {
  /// By position of the 1 x 1 convolution that ends a depthwise-separable block: the block's
  /// multiplications over those of one convolution with its kernel and channels. Tables and the gate
  /// of squeeze-and-excitation may stand between its two convolutions.
  var separableRatios: [Int: Double] {
    let pairs = layers.indices.compactMap { position -> (Int, Double)? in
      let operation = layers[position].operation
      guard case .conv2D(let pointwise) = operation.narrow, pointwise.kernel == .unit,
        let before = depthwise(before: layers[position].inputs[0]),
        case .depthwiseConv2D(let depthwise) = before
      else { return nil }
      let outputs = pointwise.output.count * pointwise.outputChannels
      let standard = outputs * depthwise.kernel.count * depthwise.channels
      return (position, Double(before.macs + operation.macs) / Double(standard))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// The depthwise convolution whose values, element by element, `tensor` holds.
  private func depthwise(before tensor: Int) -> Operation? {
    guard let layer = layers.last(where: { storage(of: $0.output) == storage(of: tensor) }) else {
      return nil
    }
    switch layer.operation.narrow {
    case .depthwiseConv2D: return layer.operation.narrow
    case .lookup: return depthwise(before: layer.inputs[0])
    case .multiply:
      let gated = layer.inputs.first { tensors[$0].shape == tensors[tensor].shape }
      return gated.flatMap { depthwise(before: $0) }
    case .conv2D, .fullyConnected, .add, .averagePool, .maxPool, .mean, .softmax, .extremum, .copy,
      .wide:
      return nil
    }
  }
}
