extension Operation {
  /// What the layer subtracts from the codes of each input, and adds to what its sums become: the
  /// codes of real 0. Empty and 0 where a layer needs to know none.
  private var zeroPoints: (inputs: [Int32], output: Int32) {
    switch self {
    case .conv2D(let layer): ([layer.inputZeroPoint], layer.outputZeroPoint)
    case .depthwiseConv2D(let layer): ([layer.inputZeroPoint], layer.outputZeroPoint)
    case .fullyConnected(let layer): ([layer.inputZeroPoint], layer.outputZeroPoint)
    case .add(let layer): ([layer.aZeroPoint, layer.bZeroPoint], layer.outputZeroPoint)
    case .multiply(let layer): ([layer.aZeroPoint, layer.bZeroPoint], layer.outputZeroPoint)
    case .mean(let layer): ([layer.inputZeroPoint], layer.outputZeroPoint)
    case .averagePool, .maxPool, .lookup, .softmax, .extremum, .copy: ([], 0)
    case .wide(let layer): layer.operation.zeroPoints
    }
  }

  /// Whether every zero point is a code, and 0 where codes have 16 bits: kernels count on it.
  var hasConsistentZeroPoints: Bool {
    let (zeroPoints, widths) = (zeroPoints, widths)
    return widths.output.canHaveZeroPoint(zeroPoints.output)
      && zip(widths.inputs, zeroPoints.inputs).allSatisfy { $0.canHaveZeroPoint($1) }
  }
}

extension CodeWidth {
  fileprivate func canHaveZeroPoint(_ zeroPoint: Int32) -> Bool {
    self == .int16 ? zeroPoint == 0 : codes.contains(zeroPoint)
  }
}
