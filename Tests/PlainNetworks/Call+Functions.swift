private import Foundation

/// Functions of one value as ONNX's operator documents write them.
extension Call {
  var function: (Double) -> Double {
    switch node.operation {
    case "LeakyRelu":
      let alpha = real("alpha", 0.01)
      return { $0 < 0 ? alpha * $0 : $0 }
    case "ThresholdedRelu":
      let alpha = real("alpha", 1)
      return { $0 > alpha ? $0 : 0 }
    case "Elu":
      let alpha = real("alpha", 1)
      return { $0 < 0 ? alpha * (exp($0) - 1) : $0 }
    case "Selu":
      let (alpha, gamma) = (
        real("alpha", 1.673_263_192_176_818_8), real("gamma", 1.050_700_902_938_842_8)
      )
      return { $0 <= 0 ? gamma * (alpha * exp($0) - alpha) : gamma * $0 }
    case "Celu":
      let alpha = real("alpha", 1)
      return { max(0, $0) + min(0, alpha * (exp($0 / alpha) - 1)) }
    case "Gelu":
      guard case .text("tanh")? = node.attributes["approximate"] else {
        return { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }
      }
      return { 0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * pow($0, 3)))) }
    case "Swish":
      let alpha = real("alpha", 1)
      return { $0 * (1 / (1 + exp(-alpha * $0))) }
    case "Mish": return { $0 * tanh(log(1 + exp($0))) }
    case "Softplus": return { log(exp($0) + 1) }
    case "Softsign": return { $0 / (1 + abs($0)) }
    case "Tanh": return { tanh($0) }
    case "Erf": return { erf($0) }
    case "Abs": return { abs($0) }
    case "Exp": return { exp($0) }
    case "Log": return { log($0) }
    case "Reciprocal": return { 1 / $0 }
    case "Neg": return { -$0 }
    case "Sqrt": return { max($0, 0).squareRoot() }
    case "Pow":
      let exponent = required(1).values[0]
      return { pow($0, exponent) }
    default: preconditionFailure("\(node.operation) has no evaluation")
    }
  }
}
