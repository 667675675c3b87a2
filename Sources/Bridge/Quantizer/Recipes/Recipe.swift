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

/// The passes of the default recipe, one more at every step, so that each shows what it brings.
package enum Ladder {
  /// A name for people, and every pass up to this one.
  package static var steps: [(name: String, passes: Passes)] {
    var passes = Recipe.minmax.passes
    var steps = [(name: "min/max", passes: passes)]
    func add(_ name: String, _ change: (inout Passes) -> Void) {
      change(&passes)
      steps.append((name, passes))
    }
    let goal = Recipe.default.passes
    add("+ exact input") { $0.takesExactInput = goal.takesExactInput }
    add("+ table inputs cut") { $0.cutsTableInputs = goal.cutsTableInputs }
    add("+ ranges") { $0.ranges = goal.ranges }
    add("+ table means") { $0.averagesTables = goal.averagesTables }
    add("+ depthwise equalization") { $0.equalizesDepthwise = goal.equalizesDepthwise }
    add("+ chain equalization") { $0.equalizesChains = goal.equalizesChains }
    add("+ bias correction") { $0.biasCorrection = goal.biasCorrection }
    add("+ compensated rounding") { $0.rounding = goal.rounding }
    add("+ refined ranges") { $0.refinesRanges = goal.refinesRanges }
    add("+ refitted weights") { $0.refitsWeights = goal.refitsWeights }
    return steps
  }
}
