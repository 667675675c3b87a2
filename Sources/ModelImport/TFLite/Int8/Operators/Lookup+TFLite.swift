internal import FixedPoint
internal import QuantizedIR
internal import Tensors

extension Lookup {
  /// The table of an operator of one int8 value, computed in integers as the runtime does.
  init(_ node: Int8Node, _ function: String, _ table: LookupTable) throws(NodeProblem) {
    try node.checkOutput(node.input.shape)
    self.init(function: function, count: node.input.shape.count, table: table)
  }

  /// RELU.
  static func relu(_ node: Int8Node) throws(NodeProblem) -> Lookup {
    try rescaled(node, "relu", factor: node.ratio32, clamp: node.output.codes(of: 0...(.infinity)))
  }

  /// RELU6: TFLM cuts the input's codes and leaves the output's scale out of account.
  static func relu6(_ node: Int8Node) throws(NodeProblem) -> Lookup {
    switch node.runtime {
    case .litert:
      return try rescaled(node, "relu6", factor: node.ratio32, clamp: node.output.codes(of: 0...6))
    case .tflm:
      let clamp = node.input.codes(of: 0...6)
      return try Lookup(node, "relu6", LookupTable { Int8(Int32($0).clamped(to: clamp)) })
    }
  }

  /// QUANTIZE from int8 to int8.
  static func quantize(_ node: Int8Node) throws(NodeProblem) -> Lookup {
    try rescaled(
      node, "quantize", factor: node.input.scale / node.output.scale, clamp: -128...127)
  }

  /// LOGISTIC.
  ///
  /// Source: TensorFlow Lite `kernels/activations.cc`, `SigmoidPrepare`.
  static func logistic(_ node: Int8Node) throws(NodeProblem) -> Lookup {
    try node.checkUnitInterval()
    let factor = node.input.scale * 0x1p27
    let shift = Int(factor.exponent) + 1
    let radius = Double(sign: .plus, exponent: 27 - shift, significand: 15).rounded(.down)
    // From shift 28 on only the zero point itself lies inside the radius.
    let function = LogisticFunction(
      inputZeroPoint: node.input.zeroPoint,
      factor: try node.requantization(min(factor, 0x1p30 - 1)),
      radius: Int32(min(radius, 1024)))
    return try Lookup(node, "logistic", LookupTable { function($0) })
  }

  /// HARD_SWISH.
  ///
  /// Source: TensorFlow Lite `kernels/activations.cc`, `HardSwishPrepare`.
  static func hardSwish(_ node: Int8Node) throws(NodeProblem) -> Lookup {
    let step = node.input.scale32 / 128
    let outputFactor = try node.requantization(Double(step / node.output.scale32))
    guard outputFactor.shift <= 0 else {
      throw .quantization(
        node.output.name, found: node.output.parameters,
        expected: "a scale of more than 1/128 of the input's")
    }
    let function = HardSwishFunction(
      inputZeroPoint: node.input.zeroPoint, outputZeroPoint: node.output.zeroPoint,
      outputFactor: outputFactor,
      reluishFactor: try node.requantization(Double(step / (3 / 32768))))
    return try Lookup(node, "hardSwish", LookupTable { function($0) })
  }

  private static func rescaled(
    _ node: Int8Node, _ function: String, factor: Double, clamp: ClosedRange<Int32>
  ) throws(NodeProblem) -> Lookup {
    let requantization = try node.requantization(factor)
    let (from, to) = (node.input.zeroPoint, node.output.zeroPoint)
    let table = LookupTable { code in
      // Wraps as the runtime does where the factor is enormous.
      Int8((requantization(Int32(code) - from) &+ to).clamped(to: clamp))
    }
    return try Lookup(node, function, table)
  }
}

extension Int8Node {
  /// The ratio of the scales as a 32-bit float.
  fileprivate var ratio32: Double { Double(input.scale32 / output.scale32) }
}
