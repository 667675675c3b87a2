extension Operation {
  /// The inputs whose buffer may also be the output's: each value is read for the last time
  /// before, or when, its place is written.
  package var overwritableInputs: [Int] {
    switch self {
    case .lookup: [0]
    case .add(let layer): layer.broadcast.wholeOperands
    case .multiply(let layer): layer.broadcast.wholeOperands
    case .extremum(let layer): layer.broadcast.wholeOperands
    case .softmax: [0]
    case .conv2D, .depthwiseConv2D, .fullyConnected, .averagePool, .maxPool, .mean, .copy: []
    }
  }
}

extension Broadcast {
  /// The operands that have the output's shape, so that none of their values is read twice.
  fileprivate var wholeOperands: [Int] {
    [aStrides, bStrides].indices.filter { operand in
      let strides = operand == 0 ? aStrides : bStrides
      return zip(shape, strides).allSatisfy { $0 == 1 || $1 != 0 }
    }
  }
}
