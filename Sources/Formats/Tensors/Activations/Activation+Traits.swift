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
