internal import ArgumentParser
internal import Calibration
internal import Quantizer

extension Passes.Int16Use: ExpressibleByArgument, CustomStringConvertible {
  init?(argument: String) {
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    switch (parts[0], parts.count) {
    case ("none", 1): self = .none
    case ("pre-activation", 1): self = .preActivation
    case ("auto", 1): self = .automatic(growth: nil)
    case ("auto", 2):
      guard let bytes = Int32(parts[1]), bytes >= 0 else { return nil }
      self = .automatic(growth: Int(bytes))
    default: return nil
    }
  }

  var description: String {
    switch self {
    case .none: "none"
    case .preActivation: "pre-activation"
    case .automatic(nil): "auto"
    case .automatic(let bytes?): "auto:\(bytes)"
    }
  }
}

extension Recipe: ExpressibleByArgument {}
extension WeightChoices.Rounding: ExpressibleByArgument {}
extension Passes.BiasCorrection: ExpressibleByArgument {}

extension Passes.Ranges: ExpressibleByArgument, CustomStringConvertible {
  /// The command-line spelling of `automatic`.
  private static let automaticSpelling = "automatic"

  static var spellings: String {
    ([automaticSpelling] + CalibrationMethod.allCases.map(\.rawValue)).joined(separator: ", ")
  }

  init?(argument: String) {
    if argument == Self.automaticSpelling {
      self = .automatic
    } else if let method = CalibrationMethod(rawValue: argument) {
      self = .method(method)
    } else {
      return nil
    }
  }

  var description: String {
    switch self {
    case .automatic: Self.automaticSpelling
    case .method(let method): method.rawValue
    }
  }
}
