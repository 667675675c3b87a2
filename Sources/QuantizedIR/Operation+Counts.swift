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

  /// Whether every constant can be used as it is.
  var hasConsistentConstants: Bool {
    switch self {
    case .conv2D(let layer): hasConsistentGeometry && layer.hasConsistentCodes
    case .depthwiseConv2D(let layer): hasConsistentGeometry && layer.hasConsistentCodes
    case .fullyConnected(let layer): hasConsistentGeometry && layer.hasConsistentCodes
    case .wide(let layer): layer.isConsistent
    case .add, .multiply, .averagePool, .maxPool, .mean, .lookup, .softmax, .extremum, .copy:
      hasConsistentGeometry
    }
  }

  /// Whether every array of constants has the length that the geometry asks for.
  var hasConsistentGeometry: Bool {
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
    case .softmax(let layer): (1...Softmax.largestDepth).contains(layer.depth)
    case .copy(let layer): layer.staysInside
    case .add, .multiply, .maxPool, .extremum: true
    case .wide(let layer): layer.operation.hasConsistentGeometry
    }
  }
}

extension ChannelRequantized {
  fileprivate func hasChannelConstants(_ channels: Int) -> Bool {
    bias.count == channels && multipliers.count == channels && shifts.count == channels
      && multipliers.values.allSatisfy { $0 >= 0 }
      && shifts.values.allSatisfy { (-31...30).contains($0) }
  }

  /// Whether every sum becomes a code that the int8 output, or the curve, can take.
  fileprivate var hasConsistentCodes: Bool {
    guard let curve else { return clamp.lowerBound >= -128 && clamp.upperBound <= 127 }
    return hasConsistentCurve && curve.width == .int8
  }
}

extension ChannelRequantized {
  /// Whether every sum becomes a code that the curve can take; true where there is none.
  var hasConsistentCurve: Bool {
    guard let curve else { return true }
    return curve.points.count == Curve.pointCount && outputZeroPoint == 0 && clamp == Curve.inputs
  }
}

extension Copy {
  /// Whether no step leaves the input or the output.
  fileprivate var staysInside: Bool {
    guard [shape, sourceStrides, destinationStrides].allSatisfy({ $0.count == 4 }), start >= 0,
      shape.allSatisfy({ $0 > 0 }), (sourceStrides + destinationStrides).allSatisfy({ $0 >= 0 })
    else { return false }
    func last(_ strides: [Int]) -> Double {
      zip(shape, strides).reduce(0) { $0 + Double($1.0 - 1) * Double($1.1) }
    }
    return last(sourceStrides) < Double(count)
      && Double(start) + last(destinationStrides) < Double(outputCount)
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
