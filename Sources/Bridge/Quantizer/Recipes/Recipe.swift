/// A named way from a calibrated float network to an int8 one. The raw value is the command-line
/// spelling.
package enum Recipe: String, CaseIterable, Sendable {
  /// Equalizes channels, chooses ranges by what they cost the output, refits weights and rounds
  /// them against the quantized prefix, and corrects biases by whichever of two methods leaves less
  /// noise in the output.
  case `default`
  /// As `default`, but ranges by each tensor's own error, and every weight to its own nearest code.
  case fast
  /// The widest ranges seen and nearest codes: what a plain converter does, for comparison.
  case minmax

  /// What the recipe does.
  package var passes: Passes {
    switch self {
    case .minmax: Passes()
    case .fast, .default:
      Passes(
        takesExactInput: true, equalizesDepthwise: true, equalizesChains: true,
        ranges: .automatic, cutsTableInputs: true, averagesTables: true,
        refinesRanges: self == .default, refitsWeights: self == .default,
        rounding: self == .fast ? .nearest : .compensated, biasCorrection: .judged)
    }
  }
}
