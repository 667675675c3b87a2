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
