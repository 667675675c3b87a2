private import Glibc

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
    case .geluTanh: x * (1 + Glibc.tanh(Self.cubic(x))) / 2
    case .mish: x * Glibc.tanh(Self.softplus(x))
    case .swish(let beta): x / (1 + Glibc.exp(-Double(beta) * x))
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    case .hardSigmoid: min(max(x + 3, 0), 6) / 6
    case .logistic: 1 / (1 + Glibc.exp(-x))
    case .tanh: Glibc.tanh(x)
    case .erf: Glibc.erf(x)
    case .softplus: Self.softplus(x)
    case .softsign: x / (1 + x.magnitude)
    case .abs: x.magnitude
    case .exp: Glibc.exp(x)
    case .sqrt: x < 0 ? 0 : x.squareRoot()
    case .log: Glibc.log(max(x, Self.least))
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
    max(x, 0) + log1p(Glibc.exp(-x.magnitude))
  }

  private static func cubic(_ x: Double) -> Double {
    (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
  }

  /// The derivative; at a kink one of those on either side, at a step 0.
  package func slope(at x: Double) -> Double {
    func logistic(_ x: Double) -> Double { 1 / (1 + Glibc.exp(-x)) }
    return switch self {
    case .clip(let range): x > Double(range.lowerBound) && x <= Double(range.upperBound) ? 1 : 0
    case .leakyRelu(let alpha): x < 0 ? Double(alpha) : 1
    case .thresholdedRelu(let alpha): x <= Double(alpha) ? 0 : 1
    case .elu(let alpha): x < 0 ? Double(alpha) * Glibc.exp(x) : 1
    case .selu(let alpha, let gamma):
      Double(gamma) * (x < 0 ? Double(alpha) * Glibc.exp(x) : 1)
    case .celu(let alpha): x < 0 ? Glibc.exp(x / Double(alpha)) : 1
    case .gelu:
      erfc(-x * 0.5.squareRoot()) / 2
        + x * Glibc.exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    case .geluTanh: Self.geluTanhSlope(x)
    case .mish: Self.mishSlope(x)
    case .swish(let beta):
      logistic(Double(beta) * x) * (1 + Double(beta) * x * logistic(-Double(beta) * x))
    case .hardSwish: x <= -3 ? 0 : x <= 3 ? (2 * x + 3) / 6 : 1
    case .hardSigmoid: x > -3 && x <= 3 ? 1.0 / 6 : 0
    case .logistic: logistic(x) * logistic(-x)
    case .tanh: 1 - Glibc.tanh(x) * Glibc.tanh(x)
    case .erf: 2 / Double.pi.squareRoot() * Glibc.exp(-x * x)
    case .softplus: logistic(x)
    case .softsign: 1 / ((1 + x.magnitude) * (1 + x.magnitude))
    case .abs: x < 0 ? -1 : x > 0 ? 1 : 0
    case .exp: Glibc.exp(x)
    case .sqrt: x > 0 ? 0.5 / x.squareRoot() : 0
    case .log: x > Self.least ? 1 / x : 0
    case .power(let exponent): Double(exponent) * Self.power(x, Double(exponent) - 1)
    case .floor, .ceil, .round, .sign: 0
    case .identity: 1
    }
  }

  private static func geluTanhSlope(_ x: Double) -> Double {
    let bend = Glibc.tanh(cubic(x))
    let inner = (2 / Double.pi).squareRoot() * (1 + 3 * 0.044715 * x * x)
    return (1 + bend) / 2 + x * (1 - bend * bend) * inner / 2
  }

  private static func mishSlope(_ x: Double) -> Double {
    let bend = Glibc.tanh(softplus(x))
    return bend + x * (1 - bend * bend) / (1 + Glibc.exp(-x))
  }
}

/// How files and messages spell a function: a name, and its parameters in parentheses.
extension Activation: LosslessStringConvertible, Codable {
  package var description: String {
    let (name, numbers) = parts
    return numbers.isEmpty
      ? name : "\(name)(\(numbers.map { "\($0)" }.joined(separator: ", ")))"
  }

  private var parts: (name: String, [Float]) {
    switch self {
    case .relu: ("relu", [])
    case .relu6: ("relu6", [])
    case .clip(let range): ("clip", [range.lowerBound, range.upperBound])
    case .leakyRelu(let alpha): ("leakyRelu", [alpha])
    case .thresholdedRelu(let alpha): ("thresholdedRelu", [alpha])
    case .elu(let alpha): ("elu", [alpha])
    case .selu(let alpha, let gamma): ("selu", [alpha, gamma])
    case .celu(let alpha): ("celu", [alpha])
    case .silu: ("silu", [])
    case .swish(let beta): ("swish", [beta])
    case .gelu: ("gelu", [])
    case .geluTanh: ("geluTanh", [])
    case .mish: ("mish", [])
    case .hardSwish: ("hardSwish", [])
    case .hardSigmoid: ("hardSigmoid", [])
    case .logistic: ("logistic", [])
    case .tanh: ("tanh", [])
    case .erf: ("erf", [])
    case .softplus: ("softplus", [])
    case .softsign: ("softsign", [])
    case .abs: ("abs", [])
    case .exp: ("exp", [])
    case .sqrt: ("sqrt", [])
    case .log: ("log", [])
    case .power(let exponent): ("power", [exponent])
    case .floor: ("floor", [])
    case .ceil: ("ceil", [])
    case .round: ("round", [])
    case .sign: ("sign", [])
    case .identity: ("quantize", [])
    }
  }

  /// The function that `spelling` names; `nil` where it names none, or with a number that no
  /// function can have.
  package init?(_ spelling: String) {
    let halves = spelling.split(
      separator: "(", maxSplits: 1, omittingEmptySubsequences: false)
    var numbers: [Float] = []
    if halves.count == 2 {
      guard halves[1].hasSuffix(")") else { return nil }
      for part in halves[1].dropLast().split(
        separator: ",", omittingEmptySubsequences: false)
      {
        guard let number = Float(part.drop { $0 == " " }) else { return nil }
        numbers.append(number)
      }
    }
    self.init(name: String(halves[0]), numbers)
  }

  /// The function called `name` with these parameters; `nil` as `init(_:)`.
  private init?(name: String, _ numbers: [Float]) {
    if name == "clip" {
      guard numbers.count == 2 else { return nil }
      self.init(clip: numbers[0], numbers[1])
      return
    }
    guard numbers.allSatisfy(\.isFinite) else { return nil }
    switch (name, numbers.count) {
    case ("leakyRelu", 1): self = .leakyRelu(numbers[0])
    case ("thresholdedRelu", 1): self = .thresholdedRelu(numbers[0])
    case ("elu", 1): self = .elu(numbers[0])
    case ("selu", 2): self = .selu(alpha: numbers[0], gamma: numbers[1])
    case ("celu", 1) where numbers[0] != 0: self = .celu(numbers[0])
    case ("swish", 1): self = .swish(numbers[0])
    case ("power", 1): self = .power(numbers[0])
    case (_, 0):
      guard let plain = Self.plain.first(where: { $0.description == name }) else { return nil }
      self = plain
    default: return nil
    }
  }

  /// Between two bounds; `nil` where one is not a number or they are not in order.
  package init?(clip lower: Float, _ upper: Float) {
    guard lower <= upper, lower < .infinity, upper > -.infinity else { return nil }
    self = .clip(lower...upper)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let spelling = try container.decode(String.self)
    guard let function = Self(spelling) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected a function's name, found '\(spelling)'")
    }
    self = function
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Activation: CaseIterable {
  /// Those without parameters, by their own names.
  private static let plain: [Activation] = [
    .relu, .relu6, .silu, .gelu, .geluTanh, .mish, .hardSwish, .hardSigmoid, .logistic, .tanh,
    .erf, .softplus, .softsign, .abs, .exp, .sqrt, .log, .floor, .ceil, .round, .sign, .identity,
  ]

  /// Every function, those with parameters at usual ones.
  package static let allCases: [Activation] =
    plain + [
      .reluN1To1, .clip(-0.5...1.25), .leakyRelu(0.1), .thresholdedRelu(0.5), .elu(1), .elu(0.7),
      .selu(alpha: 1.673_263_2, gamma: 1.050_701), .celu(1.5), .swish(1.702), .power(-1),
      .power(-0.5),
      .power(1.5),
    ]
}

extension Activation {
  /// The interval to which the function cuts its input and nothing more, `nil` for a curve.
  /// Such a function costs nothing in int8: it is the clamp of the layer before it.
  package var clamp: ClosedRange<Double>? {
    switch self {
    case .clip(let range): Double(range.lowerBound)...Double(range.upperBound)
    case .identity: -Double.infinity...Double.infinity
    default: nil
    }
  }

  /// The inputs beyond which the function only repeats its end values, to 2^-12 of them, or, for one
  /// that goes over into a line, its input: calibration need not spend codes on those. Both ends
  /// are infinite where there is none.
  package var activeInputs: ClosedRange<Double> {
    let all = -Double.infinity...Double.infinity
    return switch self {
    case .clip(let range): Double(range.lowerBound)...Double(range.upperBound)
    case .thresholdedRelu(let alpha): min(Double(alpha), 0)...Double.infinity
    case .elu, .selu, .softplus, .exp: -8.4...Double.infinity
    case .celu(let alpha) where alpha > 0: -8.4 * Double(alpha)...Double.infinity
    case .gelu, .geluTanh: -4...Double.infinity
    case .mish: -11...Double.infinity
    case .swish(let beta) where beta > 0: -11 / Double(beta)...Double.infinity
    case .hardSwish: -3...Double.infinity
    case .hardSigmoid: -3...3
    case .tanh: -4.6...4.6
    case .erf: -2.7...2.7
    case .sqrt: 0...Double.infinity
    case .leakyRelu, .celu, .swish, .logistic, .softsign, .abs, .log, .power, .floor, .ceil, .round,
      .sign, .identity:
      all
    }
  }

  /// An interval that holds every value of the function.
  package var values: ClosedRange<Double> {
    switch self {
    case .clip(let range): Double(range.lowerBound)...Double(range.upperBound)
    case .hardSigmoid, .logistic: 0...1
    case .tanh, .erf, .softsign, .sign: -1...1
    case .softplus, .abs, .exp, .sqrt: 0...Double.infinity
    default: -Double.infinity...Double.infinity
    }
  }

  /// Whether straight lines between some hundred points serve for the function, which keeps values
  /// of any size: so that it can follow a layer's sums at 16 bits.
  package var isUnit: Bool {
    switch self {
    case .hardSwish, .swish, .gelu, .geluTanh, .mish, .elu, .selu, .celu, .leakyRelu, .softplus:
      true
    default: false
    }
  }

  /// Whether the function of a channel's values times a positive factor is that factor times the
  /// function, where no value leaves an upper bound.
  package var passesFactors: Bool {
    switch self {
    case .leakyRelu, .abs, .identity: true
    default: clamp.map { $0.lowerBound == 0 || $0.lowerBound == -$0.upperBound } ?? false
    }
  }
}
