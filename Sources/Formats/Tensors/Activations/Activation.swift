private import Foundation

/// Every function of one value that a network may apply to each of a tensor's, float or int8.
///
/// Parameters are 32-bit floats, as files keep them; `init(_:)` admits finite ones alone, but for
/// the bounds of `clip`.
package enum Activation: Hashable, Sendable {
  /// `min(max(x, lower), upper)`; a bound may be infinite.
  case clip(ClosedRange<Float>)
  /// `x` from 0 on, `alpha * x` below.
  case leakyRelu(Float)
  /// `x` above `alpha`, 0 up to it.
  case thresholdedRelu(Float)
  /// `x` from 0 on, `alpha * (exp(x) - 1)` below.
  case elu(Float)
  /// `gamma` times ELU of `alpha`. Source: Klambauer et al., arXiv:1706.02515.
  case selu(alpha: Float, gamma: Float)
  /// `x` from 0 on, `alpha * (exp(x / alpha) - 1)` below. Source: Barron, arXiv:1704.07483.
  case celu(Float)
  /// `x / 2 * (1 + erf(x / sqrt(2)))`. Source: Hendrycks and Gimpel, arXiv:1606.08415.
  case gelu
  /// GELU's approximation: `x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))`.
  case geluTanh
  /// `x * tanh(log(1 + exp(x)))`. Source: Misra, arXiv:1908.08681.
  case mish
  /// `x / (1 + exp(-beta * x))`: SiLU where `beta` is 1. Source: Ramachandran et al.,
  /// arXiv:1710.05941.
  case swish(Float)
  /// `x * min(max(x + 3, 0), 6) / 6`. Source: Howard et al., arXiv:1905.02244.
  case hardSwish
  /// `min(max(x + 3, 0), 6) / 6`.
  case hardSigmoid
  /// `1 / (1 + exp(-x))`.
  case logistic
  case tanh
  case erf
  /// `log(1 + exp(x))`.
  case softplus
  /// `x / (1 + abs(x))`.
  case softsign
  case abs
  case exp
  /// 0 below 0, of which runtimes make NaN.
  case sqrt
  /// The natural logarithm; up to 0 that of the smallest normal number, of which runtimes make NaN.
  case log
  /// `x` to a power. Of 0 and a negative power, that of the smallest normal number; 0 where there is
  /// none, of which runtimes make NaN.
  case power(Float)
  case floor
  case ceil
  /// To the nearest whole number, ties to the even one.
  case round
  /// -1, 0 or 1.
  case sign
  /// What a change of scale alone computes.
  case identity

  package static let relu = Activation.clip(0...Float.infinity)
  package static let relu6 = Activation.clip(0...6)
  package static let reluN1To1 = Activation.clip(-1...1)
  package static let relu0To1 = Activation.clip(0...1)
  package static let silu = Activation.swish(1)

  /// The function at `x`; NaN at NaN.
  package func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .clip(let range): min(max(x, Double(range.lowerBound)), Double(range.upperBound))
    case .leakyRelu(let alpha): x < 0 ? Double(alpha) * x : x
    case .thresholdedRelu(let alpha): x <= Double(alpha) ? 0 : x
    case .elu(let alpha): x < 0 ? Double(alpha) * expm1(x) : x
    case .selu(let alpha, let gamma): Double(gamma) * (x < 0 ? Double(alpha) * expm1(x) : x)
    case .celu(let alpha): x < 0 ? Double(alpha) * expm1(x / Double(alpha)) : x
    // Below 0 the complement keeps the digits that 1 + erf(x) loses.
    case .gelu: x * erfc(-x * 0.5.squareRoot()) / 2
    case .geluTanh: x * (1 + Foundation.tanh(Self.cubic(x))) / 2
    case .mish: x * Foundation.tanh(Self.softplus(x))
    case .swish(let beta): x / (1 + Foundation.exp(-Double(beta) * x))
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    case .hardSigmoid: min(max(x + 3, 0), 6) / 6
    case .logistic: 1 / (1 + Foundation.exp(-x))
    case .tanh: Foundation.tanh(x)
    case .erf: Foundation.erf(x)
    case .softplus: Self.softplus(x)
    case .softsign: x / (1 + x.magnitude)
    case .abs: x.magnitude
    case .exp: Foundation.exp(x)
    case .sqrt: x < 0 ? 0 : x.squareRoot()
    case .log: Foundation.log(max(x, Self.least))
    case .power(let exponent): Self.power(x, Double(exponent))
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    case .round: x.rounded(.toNearestOrEven)
    case .sign: x < 0 ? -1 : x > 0 ? 1 : x
    case .identity: x
    }
  }

  private static let least = Double(Float.leastNormalMagnitude)

  /// Within what 32 bits hold.
  private static func power(_ x: Double, _ exponent: Double) -> Double {
    let base = exponent < 0 && x.magnitude < least ? (x < 0 ? -least : least) : x
    let power = pow(base, exponent)
    let most = Double(Float.greatestFiniteMagnitude)
    return power.isNaN && !x.isNaN ? 0 : min(max(power, -most), most)
  }

  /// `log(1 + exp(x))` without overflow.
  private static func softplus(_ x: Double) -> Double {
    max(x, 0) + log1p(Foundation.exp(-x.magnitude))
  }

  private static func cubic(_ x: Double) -> Double {
    (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
  }

  /// The derivative; at a kink one of those on either side, at a step 0.
  package func slope(at x: Double) -> Double {
    func logistic(_ x: Double) -> Double { 1 / (1 + Foundation.exp(-x)) }
    return switch self {
    case .clip(let range): x > Double(range.lowerBound) && x <= Double(range.upperBound) ? 1 : 0
    case .leakyRelu(let alpha): x < 0 ? Double(alpha) : 1
    case .thresholdedRelu(let alpha): x <= Double(alpha) ? 0 : 1
    case .elu(let alpha): x < 0 ? Double(alpha) * Foundation.exp(x) : 1
    case .selu(let alpha, let gamma):
      Double(gamma) * (x < 0 ? Double(alpha) * Foundation.exp(x) : 1)
    case .celu(let alpha): x < 0 ? Foundation.exp(x / Double(alpha)) : 1
    case .gelu:
      erfc(-x * 0.5.squareRoot()) / 2
        + x * Foundation.exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    case .geluTanh: Self.geluTanhSlope(x)
    case .mish: Self.mishSlope(x)
    case .swish(let beta):
      logistic(Double(beta) * x) * (1 + Double(beta) * x * logistic(-Double(beta) * x))
    case .hardSwish: x <= -3 ? 0 : x <= 3 ? (2 * x + 3) / 6 : 1
    case .hardSigmoid: x > -3 && x <= 3 ? 1.0 / 6 : 0
    case .logistic: logistic(x) * logistic(-x)
    case .tanh: 1 - Foundation.tanh(x) * Foundation.tanh(x)
    case .erf: 2 / Double.pi.squareRoot() * Foundation.exp(-x * x)
    case .softplus: logistic(x)
    case .softsign: 1 / ((1 + x.magnitude) * (1 + x.magnitude))
    case .abs: x < 0 ? -1 : x > 0 ? 1 : 0
    case .exp: Foundation.exp(x)
    case .sqrt: x > 0 ? 0.5 / x.squareRoot() : 0
    case .log: x > Self.least ? 1 / x : 0
    case .power(let exponent): Double(exponent) * Self.power(x, Double(exponent) - 1)
    case .floor, .ceil, .round, .sign: 0
    case .identity: 1
    }
  }

  private static func geluTanhSlope(_ x: Double) -> Double {
    let bend = Foundation.tanh(cubic(x))
    let inner = (2 / Double.pi).squareRoot() * (1 + 3 * 0.044715 * x * x)
    return (1 + bend) / 2 + x * (1 - bend * bend) * inner / 2
  }

  private static func mishSlope(_ x: Double) -> Double {
    let bend = Foundation.tanh(softplus(x))
    return bend + x * (1 - bend * bend) / (1 + Foundation.exp(-x))
  }
}
