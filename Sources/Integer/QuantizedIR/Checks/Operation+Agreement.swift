package import FixedPoint

/// What a layer's own numbers say about its tensors.
extension Layer {
  /// Looks at zero points and scales: the layer's against those of the tensors it reads and writes.
  ///
  /// - Parameters:
  ///   - inputs: As many as the operation reads.
  func checkAgreement(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor
  ) throws(FieldProblem) {
    let (zeroPoints, narrow) = (operation.zeroPoints, operation.narrow)
    let fields = inputs.count == 1 ? ["inputZeroPoint"] : ["aZeroPoint", "bZeroPoint"]
    for (index, found) in zeroPoints.inputs.enumerated() {
      try check(zeroPoint: found, fields[index], inputs[index])
    }
    if let found = zeroPoints.output { try check(zeroPoint: found, "outputZeroPoint", output) }
    switch narrow {
    case .conv2D(let layer): try checkWeightScales(layer, inputs[0], output)
    case .depthwiseConv2D(let layer): try checkWeightScales(layer, inputs[0], output)
    case .fullyConnected(let layer): try checkWeightScales(layer, inputs[0], output)
    case .add(let layer):
      let extra = operation.leftShift
      for (tensor, factor) in zip(inputs, [layer.aFactor, layer.bFactor]) {
        try check(
          factor.real * layer.outputFactor.real * Double(1 << extra), tensor.scale / output.scale,
          "a factor for '\(tensor.name)' of")
      }
    case .multiply(let layer):
      try check(layer.factor.real, inputs[0].scale * inputs[1].scale / output.scale, "factor")
    case .mean(let layer):
      try check(layer.factor.real, inputs[0].scale / output.scale / Double(layer.pixels), "factor")
    case .averagePool, .maxPool, .extremum, .copy:
      for tensor in inputs { try check(sameCodes: tensor, output) }
    case .softmax:
      try check(output.scale, 0x1p-8, "'\(output.name)' with a scale of")
      try FieldProblem.require(
        output.zeroPoint, "'\(output.name)' with a zero point of", is: -128)
    case .lookup, .wide: break
    }
    guard operation.hasWeights || weightScales.count == 0 else {
      throw FieldProblem(
        field: "a number of weight scales of", expected: "0", found: "\(weightScales.count)")
    }
  }

  /// Scales of weights are there for all channels or for none, and give the factors: in front of a
  /// curve those lead to other codes than the tensor's.
  private func checkWeightScales(
    _ layer: some ChannelRequantized, _ input: QuantizedTensor, _ output: QuantizedTensor
  ) throws(FieldProblem) {
    guard weightScales.count > 0 else { return }
    try FieldProblem.require(
      weightScales.count, "a number of weight scales of", is: layer.bias.count)
    for (channel, scale) in weightScales.values.enumerated() {
      guard scale > 0, scale.isFinite else {
        throw FieldProblem(
          field: "a weight scale of", expected: "a positive number", found: "\(scale)")
      }
      guard layer.curve == nil else { continue }
      try check(
        layer.requantization(channel).real, input.scale * Double(scale) / output.scale,
        "a factor of channel \(channel) of")
    }
  }

  private func check(
    zeroPoint found: Int32, _ field: String, _ tensor: QuantizedTensor
  ) throws(FieldProblem) {
    guard found == tensor.zeroPoint else {
      throw FieldProblem(
        field: field, expected: "\(tensor.zeroPoint), as '\(tensor.name)' has it",
        found: "\(found)")
    }
  }

  private func check(
    sameCodes input: QuantizedTensor, _ output: QuantizedTensor
  ) throws(FieldProblem) {
    try FieldProblem.require(
      output.zeroPoint, "'\(output.name)' with a zero point of", is: input.zeroPoint)
    try check(output.scale, input.scale, "'\(output.name)' with a scale of")
  }

  /// A thousandth is more than any runtime's rounding of factors, and factors too small for 31 bits
  /// are nothing.
  private func check(
    _ found: Double, _ expected: Double, _ field: String
  ) throws(FieldProblem) {
    guard abs(found - expected) <= expected / 1000 || max(found, expected) < 0x1p-31 else {
      throw FieldProblem(
        field: field, expected: "\(expected), as the scales have it", found: "\(found)")
    }
  }
}

extension Requantization {
  /// The real factor.
  package var real: Double {
    Double(multiplier) * Double(sign: .plus, exponent: Int(shift) - 31, significand: 1)
  }
}

extension Operation {
  /// What the layer subtracts from the codes of each input, and adds to what its sums become: the
  /// codes of real 0. Empty and `nil` where a layer needs to know none, or its curve does.
  package var zeroPoints: (inputs: [Int32], output: Int32?) {
    switch self {
    case .conv2D(let layer):
      ([layer.inputZeroPoint], layer.curve == nil ? layer.outputZeroPoint : nil)
    case .depthwiseConv2D(let layer):
      ([layer.inputZeroPoint], layer.curve == nil ? layer.outputZeroPoint : nil)
    case .fullyConnected(let layer):
      ([layer.inputZeroPoint], layer.curve == nil ? layer.outputZeroPoint : nil)
    case .add(let layer): ([layer.aZeroPoint, layer.bZeroPoint], layer.outputZeroPoint)
    case .multiply(let layer): ([layer.aZeroPoint, layer.bZeroPoint], layer.outputZeroPoint)
    case .mean(let layer): ([layer.inputZeroPoint], layer.outputZeroPoint)
    case .averagePool, .maxPool, .lookup, .softmax, .extremum, .copy: ([], nil)
    case .wide(let layer): layer.operation.zeroPoints
    }
  }

  fileprivate var hasWeights: Bool {
    switch narrow {
    case .conv2D, .depthwiseConv2D, .fullyConnected: true
    case .add, .multiply, .averagePool, .maxPool, .mean, .lookup, .softmax, .extremum, .copy, .wide:
      false
    }
  }

  /// Extra bits below the binary point of an addition's common scale.
  fileprivate var leftShift: Int32 {
    if case .wide(let layer) = self { layer.leftShift } else { Add.leftShift }
  }
}
