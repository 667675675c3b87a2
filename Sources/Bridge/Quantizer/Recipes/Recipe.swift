package import Calibration

/// A named way from a calibrated float network to an int8 one. The raw value is the command-line
/// spelling.
package enum Recipe: String, CaseIterable, Sendable {
  case `default`, fast, minmax

  /// What it does, for people.
  package var about: String {
    switch self {
    case .default:
      "equalizes channels, chooses ranges by what they cost the output, refits weights and rounds them "
        + "against the quantized prefix, corrects biases by the better of two methods"
    case .fast:
      "as default, but ranges by each tensor's own error, and every weight to its nearest code"
    case .minmax:
      "the widest ranges seen and nearest codes, as a plain converter does; for comparison"
    }
  }

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

/// What is done for accuracy, pass by pass. Every combination is valid.
package struct Passes: Hashable, Sendable {
  /// How activation ranges follow from what calibration saw.
  package enum Ranges: Hashable, Sendable {
    /// By the method that calibration was told, or, where that is min-max, by squared error.
    case automatic
    case method(CalibrationMethod)
  }

  /// What biases take over from the rounding of weights. The raw value is the command line's word.
  package enum BiasCorrection: String, CaseIterable, Sendable {
    case none, analytic, empirical
    /// Empirical or analytic, whichever leaves less noise in the output for images held back.
    case judged
  }

  /// Which values keep 16 bits.
  package enum Int16Use: Hashable, Sendable {
    case none
    /// Those between a convolution and its h-swish.
    case preActivation
    /// Those whose int8 codes cost the output most, while the arena grows by so many bytes at most;
    /// `nil` for any number.
    case automatic(growth: Int?)
  }

  /// `ExactInput`.
  package var takesExactInput: Bool
  /// `DepthwiseEqualization`.
  package var equalizesDepthwise: Bool
  /// `ChainEqualization`.
  package var equalizesChains: Bool
  package var ranges: Ranges
  /// Whether the range of a table's input is cut to the inputs that matter to the table.
  package var cutsTableInputs: Bool
  /// `TableMeans`.
  package var averagesTables: Bool
  /// `RangeRefinement`.
  package var refinesRanges: Bool
  /// `WeightRefit`.
  package var refitsWeights: Bool
  package var rounding: WeightChoices.Rounding
  package var biasCorrection: BiasCorrection
  package var int16: Int16Use

  /// Passes that do nothing but those named.
  package init(
    takesExactInput: Bool = false, equalizesDepthwise: Bool = false, equalizesChains: Bool = false,
    ranges: Ranges = .method(.minMax), cutsTableInputs: Bool = false,
    averagesTables: Bool = false, refinesRanges: Bool = false,
    refitsWeights: Bool = false, rounding: WeightChoices.Rounding = .nearest,
    biasCorrection: BiasCorrection = .none, int16: Int16Use = .none
  ) {
    self.takesExactInput = takesExactInput
    self.equalizesDepthwise = equalizesDepthwise
    self.equalizesChains = equalizesChains
    self.ranges = ranges
    self.cutsTableInputs = cutsTableInputs
    self.averagesTables = averagesTables
    self.refinesRanges = refinesRanges
    self.refitsWeights = refitsWeights
    self.rounding = rounding
    self.biasCorrection = biasCorrection
    self.int16 = int16
  }

  /// Whether these passes run the network on the calibration images.
  package var needsImages: Bool {
    takesExactInput || equalizesDepthwise || equalizesChains || refinesRanges || int16.isAutomatic
      || candidates.contains(where: \.needsImages)
  }

  /// The ways to quantize weights; with more than one, the output's error decides.
  var candidates: [WeightChoices] {
    let corrections: [WeightChoices.Correction] =
      switch biasCorrection {
      case .none: [.none]
      case .analytic: [.analytic]
      case .empirical: [.empirical]
      case .judged: [.empirical, .analytic]
      }
    return corrections.map {
      WeightChoices(rounding: rounding, correction: $0, refits: refitsWeights)
    }
  }
}

extension Passes.Int16Use {
  fileprivate var isAutomatic: Bool {
    if case .automatic = self { true } else { false }
  }
}

/// How the weights and biases of all layers become integers.
package struct WeightChoices: Hashable, Sendable {
  /// Where weights go.
  package enum Rounding: String, CaseIterable, Sendable {
    /// Each to its own nearest code.
    case nearest
    /// So that the errors of a channel cancel on calibration images.
    case compensated
  }

  /// What biases take over from the rounding of weights.
  package enum Correction: String, CaseIterable, Sendable {
    case none, analytic, empirical
  }

  package var rounding: Rounding
  package var correction: Correction
  /// `WeightRefit`.
  package var refits: Bool
  /// Whether weights that are codes in the file stay these codes.
  package var keepsSteps = false
  /// Whether results are rounded once; see `Requantization.init(roundedOnce:)`.
  package var roundsOnce = false

  package init(
    rounding: Rounding = .nearest, correction: Correction = .none, refits: Bool = false
  ) {
    self.rounding = rounding
    self.correction = correction
    self.refits = refits
  }

  /// The file's own codes where it has any, nearest ones elsewhere.
  static func asInFile(roundsOnce: Bool) -> WeightChoices {
    var choices = WeightChoices()
    (choices.keepsSteps, choices.roundsOnce) = (true, roundsOnce)
    return choices
  }

  /// Whether quantizing must run the layers quantized so far on images.
  package var needsImages: Bool {
    rounding == .compensated || correction == .empirical || refits
  }
}
