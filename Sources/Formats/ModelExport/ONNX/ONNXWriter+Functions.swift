internal import Tensors

extension ONNXWriter {
  /// Adds `function` of `input`, as operator set 17 spells it, and returns the last node's output.
  mutating func add(
    _ function: Activation, of input: String, named name: String? = nil
  ) -> String {
    switch function {
    case .relu: return node("Relu", [input], named: name)
    case .clip(let range):
      let bounds = [range.lowerBound, range.upperBound].map { bound in
        bound.isFinite ? number(bound) : ""
      }
      return node("Clip", [input] + bounds, named: name)
    case .leakyRelu(let alpha):
      return node("LeakyRelu", [input], ["alpha": .real(alpha)], named: name)
    case .thresholdedRelu(let alpha):
      return node("ThresholdedRelu", [input], ["alpha": .real(alpha)], named: name)
    case .elu(let alpha): return node("Elu", [input], ["alpha": .real(alpha)], named: name)
    case .selu(let alpha, let gamma):
      return node(
        "Selu", [input], ["alpha": .real(alpha), "gamma": .real(gamma)], named: name)
    case .celu(let alpha): return node("Celu", [input], ["alpha": .real(alpha)], named: name)
    case .swish, .mish, .gelu, .geluTanh:
      return node("Mul", [input, gate(function, of: input)], named: name)
    case .hardSwish: return node("HardSwish", [input], named: name)
    case .hardSigmoid:
      return node(
        "HardSigmoid", [input], ["alpha": .real(1 / 6), "beta": .real(0.5)], named: name)
    case .logistic: return node("Sigmoid", [input], named: name)
    case .tanh: return node("Tanh", [input], named: name)
    case .erf: return node("Erf", [input], named: name)
    case .softplus: return node("Softplus", [input], named: name)
    case .softsign: return node("Softsign", [input], named: name)
    case .abs: return node("Abs", [input], named: name)
    case .exp: return node("Exp", [input], named: name)
    case .sqrt: return node("Sqrt", [input], named: name)
    case .log: return node("Log", [input], named: name)
    case .power(-1): return node("Reciprocal", [input], named: name)
    case .power(let exponent): return node("Pow", [input, number(exponent)], named: name)
    case .floor: return node("Floor", [input], named: name)
    case .ceil: return node("Ceil", [input], named: name)
    case .round: return node("Round", [input], named: name)
    case .sign: return node("Sign", [input], named: name)
    case .identity: return node("Identity", [input], named: name)
    }
  }

  /// What `input` is multiplied by.
  private mutating func gate(_ function: Activation, of input: String) -> String {
    switch function {
    case .swish(let beta):
      let scaled = beta == 1 ? input : node("Mul", [input, number(beta)])
      return node("Sigmoid", [scaled])
    case .mish: return node("Tanh", [node("Softplus", [input])])
    case .gelu:
      return half(node("Erf", [node("Mul", [input, number((0.5 as Float).squareRoot())])]))
    default:
      let cube = node("Mul", [node("Mul", [input, input]), input])
      let sum = node("Add", [input, node("Mul", [cube, number(0.044715)])])
      let scaled = node("Mul", [sum, number(Float((2 / Double.pi).squareRoot()))])
      return half(node("Tanh", [scaled]))
    }
  }

  /// `(1 + value) / 2`.
  private mutating func half(_ value: String) -> String {
    node("Mul", [node("Add", [value, number(1)]), number(0.5)])
  }

  private mutating func number(_ value: Float) -> String { constant("number", [], [value]) }
}
