internal import QuantizedIR

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

extension WeightRefit {
  private static let folds = 4

  /// The refit of a dense layer; `nil` where folds do not confirm it.
  ///
  /// - Parameters:
  ///   - weights: Those of each output channel.
  ///   - images: The codes that the layer will meet at its input, one array an image.
  ///   - reals: What the float network has there, by image.
  init?<Code: FixedWidthInteger>(
    of weights: [[Float]], _ patches: Patches, _ input: QuantizedTensor, images: [[Code]],
    reals: [Int: [Float]]
  ) {
    guard reals.count >= Self.folds else { return nil }
    let numbers = reals.keys.sorted()
    let folds = PatchCovariance.moments(
      patches, images: numbers.map { images[$0] }, reals: numbers.compactMap { reals[$0] },
      zeroPoint: input.zeroPoint, scale: input.scale, folds: Self.folds)
    self.init(folds: folds, weights: weights)
  }
}

/// The shares of two changes that leave the least error on windows which made neither.
struct ShareFit {
  private var own = (square: 0.0, gain: 0.0)
  private var others = (square: 0.0, gain: 0.0)
  private var product = 0.0

  /// - Parameters:
  ///   - errors: What is missing of the output, as its covariance with each code.
  ///   - codes: The covariance of the codes.
  mutating func add(
    _ own: [Double], _ others: [Double], explaining errors: [Double], _ codes: [Double]
  ) {
    let (ownOut, othersOut) = (own.times(codes), others.times(codes))
    self.own.square += own.dot(ownOut)
    self.own.gain += own.dot(errors)
    self.others.square += others.dot(othersOut)
    self.others.gain += others.dot(errors)
    product += own.dot(othersOut)
  }

  /// Takes in all that `other` has.
  mutating func add(_ other: ShareFit) {
    own = (own.square + other.own.square, own.gain + other.own.gain)
    others = (others.square + other.others.square, others.gain + other.others.gain)
    product += other.product
  }

  /// By how much `shares` of the changes lessen the squared error.
  func gain(of shares: (own: Double, others: Double)) -> Double {
    let (a, b) = shares
    let spent = a * a * own.square + 2 * a * b * product + b * b * others.square
    return 2 * (a * own.gain + b * others.gain) - spent
  }

  /// The minimum of a parabola of two variables where both are positive, else of one alone.
  var shares: (own: Double, others: Double) {
    let determinant = own.square * others.square - product * product
    if determinant > 1e-12 * own.square * others.square {
      let a = (own.gain * others.square - others.gain * product) / determinant
      let b = (others.gain * own.square - own.gain * product) / determinant
      if a >= 0, b >= 0 { return (min(a, 1), min(b, 1)) }
    }
    let alone = (alone(own), alone(others))
    return alone.0 * own.gain > alone.1 * others.gain ? (alone.0, 0) : (0, alone.1)
  }

  private func alone(_ change: (square: Double, gain: Double)) -> Double {
    change.square > 0 ? min(max(change.gain / change.square, 0), 1) : 0
  }
}
