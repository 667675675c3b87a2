/// The activation that an operator applies to its result. The raw value is the schema's code.
enum TFLiteActivation: Int {
  case none = 0
  case relu = 1
  case reluN1To1 = 2
  case relu6 = 3

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

  /// The real values that are left.
  var range: ClosedRange<Float> {
    switch self {
    case .none: -Float.infinity...Float.infinity
    case .relu: 0...Float.infinity
    case .reluN1To1: -1...1
    case .relu6: 0...6
    }
  }
}
