internal import FixedPoint
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension Add {
  /// ADD.
  init(_ node: Int8Node) throws(NodeProblem) {
    let (broadcast, clamp) = (
      try node.broadcast(), try node.clamp(option: TFLiteField.AddOptions.activation)
    )
    do throws(FactorOutOfRange) {
      try self.init(
        a: node.operands[0], b: node.operands[1], output: node.output, broadcast: broadcast,
        clamp: clamp, rounding: .double)
    } catch {
      throw .factor(error.factor)
    }
  }
}

extension Multiply {
  /// MUL.
  init(_ node: Int8Node) throws(NodeProblem) {
    let broadcast = try node.broadcast()
    let (a, b) = (node.operands[0], node.operands[1])
    self.init(
      broadcast: broadcast, aZeroPoint: a.zeroPoint, bZeroPoint: b.zeroPoint,
      outputZeroPoint: node.output.zeroPoint,
      factor: try node.requantization(node.runtime.productFactor(a, b, node.output)),
      clamp: try node.clamp(option: TFLiteField.MulOptions.activation))
  }
}

extension Extremum {
  /// MAXIMUM and MINIMUM, which compare codes.
  init(_ choice: Choice, _ node: Int8Node) throws(NodeProblem) {
    for operand in node.operands { try node.checkOneScale(operand) }
    self.init(choice, broadcast: try node.broadcast())
  }
}

extension SquaredDifference {
  /// SQUARED_DIFFERENCE.
  init(_ node: Int8Node) throws(NodeProblem) {
    let broadcast = try node.broadcast()
    guard
      let layer = SquaredDifference(
        a: node.operands[0], b: node.operands[1], output: node.output, broadcast: broadcast)
    else {
      throw .quantization(
        node.output.name, found: node.output.parameters,
        expected: "a scale within reach of the inputs', \(node.input.parameters)")
    }
    self = layer
  }
}

extension Lookup {
  /// The table of an operator of one int8 value.
  static func layer(_ function: Activation, _ node: Int8Node) throws(NodeProblem) -> Lookup {
    try node.checkOutput(node.input.shape)
    if function == .logistic { try node.checkUnitInterval() }
    guard node.runtime.has(function) else { throw .unsupportedOperator(.otherRuntime) }
    if function == .tanh, node.runtime == .tflm, !node.output.isSignedUnitInterval {
      throw .quantization(
        node.output.name, found: node.output.parameters,
        expected: "scale 1/128 and zero point 0")
    }
    guard let table = node.runtime.table(function, input: node.input, output: node.output) else {
      throw .quantization(
        node.output.name, found: node.output.parameters,
        expected: "a scale within reach of the input's, \(node.input.parameters)")
    }
    return Lookup(
      function: function, count: node.input.shape.count, table: table)
  }
}

extension Softmax {
  /// SOFTMAX over the innermost axis.
  init(_ node: Int8Node) throws(NodeProblem) {
    try node.checkUnitInterval()
    try node.checkOutput(node.input.shape)
    let depth = node.input.shape.channels
    let beta = Double(try node.operation.float(TFLiteField.SoftmaxOptions.beta))
    guard let layer = Softmax(depth: depth, inputScale: node.input.scale, beta: beta) else {
      throw .inputShape(
        found: node.input.shape.dimensions,
        expected: "rows of at most \(Softmax.largestDepth) values at a scale above 2^-26")
    }
    self = layer
  }
}

extension L2Normalization {
  /// L2_NORMALIZATION over the innermost axis.
  init(_ node: Int8Node) throws(NodeProblem) {
    guard node.output.scale == 0x1p-7, node.output.zeroPoint == 0 else {
      throw .quantization(
        node.output.name, found: node.output.parameters, expected: "scale 1/128 and zero point 0")
    }
    try node.checkOutput(node.input.shape)
    let depth = node.input.shape.channels
    guard depth <= Self.largestDepth else {
      throw .inputShape(
        found: node.input.shape.dimensions,
        expected: "rows of at most \(Self.largestDepth) values")
    }
    self.init(depth: depth, inputZeroPoint: node.input.zeroPoint)
  }
}

extension Int8Node {
  /// Checks that the output has scale 1/256 and zero point -128.
  func checkUnitInterval() throws(NodeProblem) {
    guard output.isUnitInterval else {
      throw .quantization(
        output.name, found: output.parameters, expected: "scale 1/256 and zero point -128")
    }
  }
}

extension PReLU {
  /// PRELU of shares that repeat along the outer axes: one, one a channel, or one a value.
  init(_ node: Int8Node) throws(NodeProblem) {
    try node.checkOutput(node.input.shape)
    let tensor = try node.constant(1)
    guard tensor.scales.count == 1, let scale = tensor.scales.first, scale > 0, scale.isFinite,
      tensor.zeroPoints.count <= 1, let zeroPoint = Int8(exactly: tensor.zeroPoints.first ?? 0)
    else {
      throw .quantization(
        tensor.name, found: "\(tensor.scales.count) scales", expected: "one positive scale")
    }
    let codes = try tensor.named { tensor throws(TensorProblem) in try tensor.int8s() }
    guard node.input.shape.takesShares(tensor.dimensions) else {
      throw .constantShape(
        tensor.name, found: tensor.dimensions,
        expected: "one value, or one for each channel or value of \(node.input.shape.dimensions)")
    }
    let alpha = codes.map { Int16($0) - Int16(zeroPoint) }
    guard let layer = PReLU(node.input, node.output, alpha: alpha, alphaScale: scale) else {
      throw .quantization(
        node.output.name, found: node.output.parameters,
        expected: "a scale within reach of the input's, \(node.input.parameters)")
    }
    self = layer
  }
}

extension Shape {
  /// Whether a constant of these sizes repeats from the innermost axis outwards.
  func takesShares(_ sizes: [Int]) -> Bool {
    let own = Array(sizes.drop { $0 == 1 })
    return own.count <= rank && Array(dimensions.suffix(own.count)) == own
  }
}
