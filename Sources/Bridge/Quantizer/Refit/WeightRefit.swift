/// Changes a dense layer's weights before they are rounded, so that its output for the codes that
/// it will really meet comes closest to the float layer's for the values that those stand for.
///
/// A least-squares fit learns the calibration images by heart. So every fold of the images judges
/// what the others make of it, and as much of the fit is taken as the folds confirm: one share for
/// what codes say of their own errors, such as those cut off at the range's ends, and one for what
/// they say of each other's.
package struct WeightRefit {
  /// How much of either change is taken, from 0 to 1.
  package let shares: (own: Double, others: Double)
  private let solution: RefitSolution

  /// Output channels that the folds judge by, at most.
  private static let judgingChannels = 64

  /// `nil` where the folds are too small, or say too little.
  ///
  /// - Parameters:
  ///   - folds: Of disjoint images.
  ///   - weights: Those of each output channel.
  package init?(folds: [WindowMoments], weights: [[Float]]) {
    let judged = min(weights.count, Self.judgingChannels)
    let channels = (0..<judged).map { weights[$0 * weights.count / judged] }
    var fits: [ShareFit] = []
    for held in folds.indices {
      let others = folds.indices.filter { $0 != held }.map { folds[$0] }
      guard let fit = Self.fit(Self.sum(others), judging: folds[held], channels) else {
        return nil
      }
      fits.append(fit)
    }
    let shares = fits.dropFirst().reduce(into: fits[0]) { $0.add($1) }.shares
    guard fits.allSatisfy({ $0.gain(of: shares) > 0 }),
      let solution = RefitSolution(Self.sum(folds))
    else { return nil }
    self.shares = shares
    self.solution = solution
  }

  private static func sum(_ folds: [WindowMoments]) -> WindowMoments {
    folds.dropFirst().reduce(into: folds[0]) { $0.add($1) }
  }

  /// What `training` makes of `channels`' weights, as `held` sees it.
  private static func fit(
    _ training: WindowMoments, judging held: WindowMoments, _ channels: [[Float]]
  ) -> ShareFit? {
    guard training.count >= training.size, let solution = RefitSolution(training) else {
      return nil
    }
    let (codes, errors) = (held.codeCovariance.values, held.errorCovariance)
    var fit = ShareFit()
    for weights in channels {
      let (own, others) = solution.changes(of: weights)
      fit.add(own, others, explaining: weights.times(errors), codes)
    }
    return fit
  }

  /// The weights of one output channel to be rounded in place of `weights`.
  package func callAsFunction(_ weights: [Float]) -> [Float] {
    let (own, others) = solution.changes(of: weights)
    return weights.indices.map {
      Float(Double(weights[$0]) + shares.own * own[$0] + shares.others * others[$0])
    }
  }
}
