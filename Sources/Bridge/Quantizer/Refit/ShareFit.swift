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
