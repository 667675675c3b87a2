internal import Tensors

/// A depthwise convolution and the 1 x 1 convolution that mixes its channels, as positions of nodes.
struct SeparableBlock {
  let depthwise: Int
  let pointwise: Int
}

extension Graph {
  /// Every depthwise-separable block, in execution order. Element-wise functions and the gate of
  /// squeeze-and-excitation may stand between its two convolutions.
  var separableBlocks: [SeparableBlock] {
    nodes.indices.compactMap { position in
      guard case .conv2D(let conv) = nodes[position].operation, conv.kernel == .unit,
        let depthwise = depthwise(before: nodes[position].inputs[0])
      else { return nil }
      return SeparableBlock(depthwise: depthwise, pointwise: position)
    }
  }

  /// Multiplications of the block over those of one convolution with its kernel and channels.
  func separableRatio(_ block: SeparableBlock) -> Double {
    let (first, second) = (nodes[block.depthwise], nodes[block.pointwise])
    guard case .depthwiseConv2D(let depthwise) = first.operation else { return 1 }
    let output = tensors[second.output].shape
    let separable =
      first.operation.macs(output: tensors[first.output].shape)
      + second.operation.macs(output: output)
    return Double(separable) / Double(output.count * depthwise.kernel.count * depthwise.channels)
  }

  /// The depthwise convolution whose values, element by element, `tensor` holds.
  private func depthwise(before tensor: Int) -> Int? {
    guard let producer = producer(of: tensor) else { return nil }
    let node = nodes[producer]
    if case .depthwiseConv2D = node.operation { return producer }
    let input = node.operation.traits.elementwiseInput(
      node.inputs.map { tensors[$0].shape }, output: tensors[tensor].shape)
    return input.flatMap { depthwise(before: node.inputs[$0]) }
  }
}
