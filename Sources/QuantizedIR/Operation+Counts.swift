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
    case .mean(let layer): ([layer.pixels * layer.channels], layer.channels)
    case .lookup(let layer): ([layer.count], layer.count)
    }
  }

  /// Whether every array of constants has the length that the geometry asks for.
  var hasConsistentConstants: Bool {
    switch self {
    case .conv2D(let layer):
      layer.groups > 0 && layer.inputChannels % layer.groups == 0
        && layer.outputChannels % layer.groups == 0
        && layer.weights.count
          == layer.outputChannels * layer.kernel.count * (layer.inputChannels / layer.groups)
        && layer.hasChannelConstants(layer.outputChannels)
    case .depthwiseConv2D(let layer):
      layer.weights.count == layer.kernel.count * layer.outputChannels
        && layer.hasChannelConstants(layer.outputChannels)
    case .fullyConnected(let layer):
      layer.weights.count == layer.inputCount * layer.outputCount
        && layer.hasChannelConstants(layer.outputCount)
    case .lookup(let layer): layer.table.count == 256
    // 255 codes a pixel must add up within 32 bits.
    case .averagePool(let layer): layer.kernel.count <= 1 << 23
    case .mean(let layer): layer.pixels <= 1 << 23
    case .add, .multiply: true
    }
  }
}

extension ChannelRequantized {
  fileprivate func hasChannelConstants(_ channels: Int) -> Bool {
    bias.count == channels && multipliers.count == channels && shifts.count == channels
      && multipliers.values.allSatisfy { $0 >= 0 }
      && shifts.values.allSatisfy { (-31...30).contains($0) }
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
