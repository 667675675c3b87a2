private import Foundation
package import Tensors

/// Every element-wise function that a network may hold. The raw value is its name in files.
package enum Activation: String, CaseIterable, Codable, Hashable, Sendable {
  case relu
  case relu6
  case hardSwish
  case hardSigmoid
  case logistic

  /// The function at `x`.
  package func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .relu: max(x, 0)
    case .relu6: min(max(x, 0), 6)
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    case .hardSigmoid: min(max(x + 3, 0), 6) / 6
    case .logistic: 1 / (1 + exp(-x))
    }
  }

  /// The interval to which the function cuts its input and nothing more, `nil` for a curve.
  /// Such a function costs nothing in int8: it is the clamp of the layer before it.
  package var clamp: ClosedRange<Double>? {
    switch self {
    case .relu: 0...Double.infinity
    case .relu6: 0...6
    case .hardSwish, .hardSigmoid, .logistic: nil
    }
  }

  /// The inputs beyond which the function only repeats its end values (or, for h-swish, its
  /// input): calibration need not spend codes below the lower bound.
  package var activeInputs: ClosedRange<Double> {
    switch self {
    case .relu: 0...Double.infinity
    case .relu6: 0...6
    case .hardSwish: -3...Double.infinity
    case .hardSigmoid: -3...3
    case .logistic: -Double.infinity...Double.infinity
    }
  }
}

extension Activation: GraphOperator {
  package var name: String { rawValue }
  package func outputShape(_ inputs: [Shape]) throws(ShapeMismatch) -> Shape { inputs[0] }

  /// A table, where the function is no clamp of the layer before it.
  package var int8ConstantBytes: Int { clamp == nil ? 256 : 0 }
  package var isElementwise: Bool { true }
  package var givesProbabilities: Bool { self == .logistic }

  package func isIdentity(on input: Shape, after source: Operator?) -> Bool {
    guard case .activation(let first)? = source else { return false }
    return keepsValues(of: first)
  }

  package func overrides(_ first: Operator) -> Bool {
    self == .relu6 && first == .activation(.relu)
  }

  /// Whether every value that `first` can give passes through this function unchanged.
  private func keepsValues(of first: Activation) -> Bool {
    switch (self, first) {
    case (.relu, .relu), (.relu, .relu6), (.relu, .hardSigmoid), (.relu, .logistic),
      (.relu6, .relu6), (.relu6, .hardSigmoid), (.relu6, .logistic):
      true
    default: false
    }
  }
}
