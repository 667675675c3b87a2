internal import Tensors

extension Operation {
  /// How many values one image's worth of work reads from each input and writes.
  package var valueCounts: (inputs: [Int], output: Int) {
    switch self {
    case .conv2D(let layer):
      ([layer.input.count * layer.inputChannels], layer.output.count * layer.outputChannels)
    case .depthwiseConv2D(let layer):
      ([layer.input.count * layer.channels], layer.output.count * layer.outputChannels)
    case .fullyConnected(let layer): ([layer.inputCount], layer.outputCount)
    case .add(let layer): (layer.broadcast.operandCounts, layer.broadcast.count)
    case .multiply(let layer): (layer.broadcast.operandCounts, layer.broadcast.count)
    case .averagePool(let layer):
      ([layer.input.count * layer.channels], layer.output.count * layer.channels)
    case .maxPool(let layer):
      ([layer.input.count * layer.channels], layer.output.count * layer.channels)
    case .mean(let layer): ([layer.pixels * layer.channels], layer.channels)
    case .lookup(let layer): ([layer.count], layer.count)
    case .softmax(let layer): ([layer.depth], layer.depth)
    case .extremum(let layer): (layer.broadcast.operandCounts, layer.broadcast.count)
    case .copy(let layer): ([layer.count], layer.outputCount)
    case .wide(let layer): layer.operation.valueCounts
    }
  }

  /// How many bits the codes read from each input and written have.
  package var widths: (inputs: [CodeWidth], output: CodeWidth) {
    if case .wide(let layer) = self { return (layer.inputs, layer.output) }
    return (valueCounts.inputs.map { _ in .int8 }, .int8)
  }

  /// How many bytes one image's worth of work reads from each input and writes.
  package var byteCounts: (inputs: [Int], output: Int) {
    let (counts, widths) = (valueCounts, widths)
    return (
      zip(counts.inputs, widths.inputs).map { $0 * $1.bytes }, counts.output * widths.output.bytes
    )
  }

  /// How many of the output's values one image's worth of work writes: fewer than all where
  /// several layers fill one tensor.
  package var writtenCount: Int {
    if case .copy(let layer) = self, layer.isPart { layer.count } else { valueCounts.output }
  }
}

extension Broadcast {
  /// How many values each operand holds: the product of the axes along which it moves.
  fileprivate var operandCounts: [Int] {
    [aStrides, bStrides].map { strides in
      zip(shape, strides).reduce(1) { $0 * ($1.1 == 0 ? 1 : $1.0) }
    }
  }
}
