internal import NetworkGraph
internal import ONNXSchema

/// Operators that read and write codes, as those of real values between their scales.
struct ONNXIntegerForm: Sendable {
  /// The operator of real values.
  let operation: String
  /// Where each operand stands, with its scale and zero point behind it.
  let operands: [Int]
  /// Where the scale of the output stands, with its zero point behind it.
  let output: Int
  /// Where a bias stands, in steps of the first operand's scale times the second's.
  var bias: Int?
  /// Attributes beside those of the operator of real values.
  var attributes: Set<String> = []

  /// By name.
  static let all: [String: ONNXIntegerForm] = [
    "QLinearConv": .init(operation: "Conv", operands: [0, 3], output: 6, bias: 8),
    "QLinearMatMul": .init(operation: "MatMul", operands: [0, 3], output: 6),
    "QGemm": .init(operation: "Gemm", operands: [0, 3], output: 7, bias: 6),
    "QLinearAdd": .init(operation: "Add", operands: [0, 3], output: 6),
    "QLinearMul": .init(operation: "Mul", operands: [0, 3], output: 6),
    "QLinearSigmoid": .init(operation: "Sigmoid", operands: [0], output: 3),
    "QLinearLeakyRelu": .init(operation: "LeakyRelu", operands: [0], output: 3),
    "QLinearGlobalAveragePool": .init(
      operation: "GlobalAveragePool", operands: [0], output: 3, attributes: ["channels_last"]),
    "QLinearAveragePool": .init(
      operation: "AveragePool", operands: [0], output: 3, attributes: ["channels_last"]),
    "QLinearReduceMean": .init(operation: "ReduceMean", operands: [0], output: 3),
    "QLinearSoftmax": .init(operation: "Softmax", operands: [0], output: 3, attributes: ["opset"]),
    "QLinearConcat": .init(operation: "Concat", operands: [], output: 0),
  ]

  /// Whether ONNX itself has the operator, rather than ONNX Runtime.
  static func isStandard(_ name: String) -> Bool {
    ["QuantizeLinear", "DequantizeLinear", "QLinearConv", "QLinearMatMul"].contains(name)
  }
}

extension ONNXImporter {
  /// `node` as the operator of real values, rounded to the codes that it writes.
  mutating func convert(
    _ node: ONNXNode, _ form: ONNXIntegerForm
  ) throws(NodeProblem) -> ONNXValue {
    guard let operation = ONNXOperator.all[form.operation] else {
      throw .unsupportedOperator(WayOut(onnx: form.operation, domain: ""))
    }
    guard try node.integer("channels_last", default: 0) == 0 else {
      throw .attribute("channels_last", found: "1", expected: "0")
    }
    var values: [ONNXValue?] = []
    var codes: [ONNXCodes] = []
    // A concatenation has its output's codes in front of any number of operands.
    let operands =
      form.operands.isEmpty ? Array(stride(from: 2, to: node.inputCount, by: 3)) : form.operands
    for index in operands {
      codes.append(
        try ONNXCodes(node, scale: index + 1, axis: try node.channelAxis(form)))
      values.append(try real(node, at: index, codes[codes.count - 1]))
    }
    if let index = form.bias, let bias = try node.constant(index) {
      let steps = try ONNXCodes(
        biasOf: codes[1], codes[0], factor: try node.float("alpha") ?? 1)
      values.append(.constant(try steps.reals(bias)))
    }
    let results = try operation.convert(&self, node.spelled(form.operation, values))
    guard let result = results.first, case .computed(let view) = result else {
      throw .constant(node.name)
    }
    // Without a scale the output is real.
    guard node.optional(form.output) != nil else { return result }
    return .computed(
      try rounded(node, view, try ONNXCodes(node, scale: form.output), part: "codes"))
  }
}

extension ONNXNode {
  /// Along which the scales of weights stand.
  fileprivate func channelAxis(_ form: ONNXIntegerForm) throws(NodeProblem) -> Int {
    if form.operation == "Conv" { return 0 }
    return try integer("transB", default: 0) == 0 ? 1 : 0
  }
}
