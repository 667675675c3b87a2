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

  package init(
    rounding: Rounding = .nearest, correction: Correction = .none, refits: Bool = false
  ) {
    self.rounding = rounding
    self.correction = correction
    self.refits = refits
  }

  /// Whether quantizing must run the layers quantized so far on images.
  package var needsImages: Bool {
    rounding == .compensated || correction == .empirical || refits
  }
}
