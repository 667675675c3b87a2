internal import QuantizedIR
package import Tensors

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
  ///   - team: Shares the work; no result depends on it.
  package init?(folds: [WindowMoments], weights: [[Float]], _ team: Team = .one) {
    let judged = min(weights.count, Self.judgingChannels)
    let channels = (0..<judged).map { weights[$0 * weights.count / judged] }
    let fits = team.map(folds.count) { held in
      let others = folds.indices.filter { $0 != held }.map { folds[$0] }
      return Self.fit(Self.sum(others), judging: folds[held], channels)
    }.compactMap(\.self)
    guard fits.count == folds.count else { return nil }
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
    reals: [Int: [Float]], _ team: Team
  ) {
    guard reals.count >= Self.folds else { return nil }
    let numbers = reals.keys.sorted()
    let folds = PatchCovariance.moments(
      patches, images: numbers.map { images[$0] }, reals: numbers.compactMap { reals[$0] },
      zeroPoint: input.zeroPoint, scale: input.scale, folds: Self.folds, team)
    self.init(folds: folds, weights: weights, team)
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

/// The least-squares change of a dense layer's weights that makes up for what its input lost: how
/// the errors of the codes follow from the codes themselves.
struct RefitSolution {
  private let size: Int
  /// `[size][size]`.
  private let errors: [Double]
  private let factor: UpperTriangle

  /// Share of the mean variance that is added to every variance.
  private static let damping = 0.01

  /// `nil` where the codes vary so little that nothing follows from them.
  init?(_ moments: WindowMoments) {
    var damped = moments.codeCovariance
    let mean = damped.meanDiagonal
    guard mean > 0, mean.isFinite else { return nil }
    size = moments.size
    for i in 0..<size { damped[i, i] += Self.damping * mean }
    guard let factor = damped.inverseCholesky() else { return nil }
    self.factor = factor
    errors = moments.errorCovariance
  }

  /// The change of `weights` that follows from what each code says of its own error, and that from
  /// what the other codes say of it.
  func changes(of weights: [Float]) -> (own: [Double], others: [Double]) {
    let all = weights.times(errors)
    let both = (0..<size).map { i in
      let own = Double(weights[i]) * errors[i * size + i]
      return Pair(own, all[i] - own)
    }
    let solved = solve(both)
    return (solved.map(\.x), solved.map(\.y))
  }

  private typealias Pair = SIMD2<Double>

  /// The inverse of the damped covariance times either vector.
  private func solve(_ vectors: [Pair]) -> [Pair] {
    var result = [Pair](repeating: .zero, count: size)
    vectors.withUnsafeBufferPointer { vectors in
      factor.values.withUnsafeBufferPointer { u in
        result.withUnsafeMutableBufferPointer { result in
          for i in 0..<size {
            let row = UnsafeBufferPointer(rebasing: u[i * size..<(i + 1) * size])
            var sum = Pair.zero
            for j in i..<size { sum += row[j] * vectors[j] }
            for j in i..<size { result[j] += row[j] * sum }
          }
        }
      }
    }
    return result
  }
}

extension [Float] {
  /// The row vector times `matrix`, `[count][count]`.
  func times(_ matrix: [Double]) -> [Double] { map(Double.init).times(matrix) }
}

extension [Double] {
  /// The row vector times `matrix`, `[count][count]`.
  func times(_ matrix: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    let count = count
    result.withUnsafeMutableBufferPointer { result in
      matrix.withUnsafeBufferPointer { matrix in
        for (i, scale) in enumerated() where scale != 0 {
          let row = UnsafeBufferPointer(rebasing: matrix[i * count..<(i + 1) * count])
          for j in 0..<count { result[j] += scale * row[j] }
        }
      }
    }
    return result
  }

  func dot(_ other: [Double]) -> Double { zip(self, other).reduce(0) { $0 + $1.0 * $1.1 } }
}

/// Sums over windows of a dense layer's input: the codes that it meets, less the zero point, and
/// by how much the float network's values, in steps of the codes, are above them.
package struct WindowMoments {
  private var codes: CovarianceAccumulator
  private var errorSums: [Double]
  /// Errors by codes, `[size][size]`.
  private var errorProducts: [Double]
  /// Rows not yet in `errorProducts`, `[rows][size]`.
  private var pending: (codes: [Float], errors: [Float]) = ([], [])

  package init(size: Int) {
    codes = CovarianceAccumulator(size: size)
    errorSums = [Double](repeating: 0, count: size)
    errorProducts = [Double](repeating: 0, count: size * size)
  }

  /// Values in a window.
  var size: Int { codes.size }

  /// Windows seen.
  var count: Int { codes.count }

  /// Takes in one window.
  package mutating func add(codes row: [Float], errors: [Float]) {
    codes.add(row)
    pending.codes += row
    pending.errors += errors
    if pending.codes.count == CovarianceAccumulator.blockRows * size { flush() }
  }

  /// Takes in what is still pending.
  package mutating func flush() {
    codes.flush()
    addProducts(
      pending.errors, pending.codes, rows: pending.codes.count / size, size: size,
      isSymmetric: false, to: &errorProducts)
    for row in 0..<pending.errors.count / size {
      for i in 0..<size { errorSums[i] += Double(pending.errors[row * size + i]) }
    }
    pending = ([], [])
  }

  /// Takes in all that `other` has seen; neither has windows pending.
  mutating func add(_ other: WindowMoments) {
    precondition(pending.codes.isEmpty && other.pending.codes.isEmpty)
    codes.add(other.codes)
    for i in errorSums.indices { errorSums[i] += other.errorSums[i] }
    for i in errorProducts.indices { errorProducts[i] += other.errorProducts[i] }
  }

  /// The covariance of the codes.
  var codeCovariance: SymmetricMatrix { codes.covariance }

  /// The covariance of each error (row) with each code (column), `[size][size]`.
  var errorCovariance: [Double] {
    let scale = 1 / Double(max(count, 1))
    var result = errorProducts
    for i in 0..<size {
      for j in 0..<size {
        result[i * size + j] =
          result[i * size + j] * scale - errorSums[i] * codes.sums[j] * scale * scale
      }
    }
    return result
  }
}
