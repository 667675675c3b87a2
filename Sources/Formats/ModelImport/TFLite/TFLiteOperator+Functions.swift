internal import TFLiteSchema
internal import Tensors

extension TFLiteOperator {
  /// The function of one value that the operator is.
  ///
  /// - Throws: `NodeProblem` for one of no such kind, and for parameters that are no numbers.
  func function() throws(NodeProblem) -> Activation {
    switch code {
    case .relu: return .relu
    case .relu6: return .relu6
    case .reluN1To1: return .reluN1To1
    case .relu0To1: return .relu0To1
    case .logistic: return .logistic
    case .hardSwish: return .hardSwish
    case .tanh: return .tanh
    case .elu: return .elu(1)
    case .gelu: return try flag(TFLiteField.GeluOptions.approximate) ? .geluTanh : .gelu
    case .leakyRelu:
      let alpha = try float(TFLiteField.LeakyReluOptions.alpha)
      guard alpha.isFinite else {
        throw .attribute("alpha", found: "\(alpha)", expected: "a finite number")
      }
      return .leakyRelu(alpha)
    case .abs: return .abs
    case .exp: return .exp
    case .sqrt: return .sqrt
    case .log: return .log
    case .rsqrt: return .power(-0.5)
    case .square: return .power(2)
    case .floor: return .floor
    case .ceil: return .ceil
    case .round: return .round
    case .sign: return .sign
    case .quantize: return .identity
    default: throw .unsupportedOperator(WayOut(tensorFlowLite: kind, isFloatModel: true))
    }
  }
}

extension TFLiteActivation {
  /// The function that follows an operator, `nil` for none.
  var function: Activation? {
    switch self {
    case .none: nil
    case .relu: .relu
    case .reluN1To1: .reluN1To1
    case .relu6: .relu6
    case .tanh: .tanh
    }
  }
}
