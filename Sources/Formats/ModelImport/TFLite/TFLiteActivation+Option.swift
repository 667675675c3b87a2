internal import TFLiteSchema

extension TFLiteActivation {
  /// Reads option `number` of `node`.
  init(_ node: TFLiteOperator, option number: Int) throws(NodeProblem) {
    let code = try node.integer(number, default: Int8(0))
    guard let activation = TFLiteActivation(rawValue: code) else {
      throw .attribute(
        "fused_activation_function", found: "\(code)",
        expected: "0 (none), 1 (RELU), 2 (RELU_N1_TO_1) and 3 (RELU6)")
    }
    self = activation
  }
}
