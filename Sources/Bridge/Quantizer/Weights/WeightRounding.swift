/// Rounds the weights of a dense layer one column after another, and lets the columns still to
/// come make up for each error: the output changes least for inputs like those seen.
///
/// Columns go by descending variance of their input, so that the errors of the important ones
/// find the most others to carry them.
///
/// Source: Frantar et al., "GPTQ", arXiv:2210.17323, algorithm 1.
package struct SequentialRounding: Sendable {
  /// Column `order[i]` is rounded as number `i`.
  private let order: [Int]
  /// The Cholesky factor of the inverse covariance, in rounding order.
  private let factor: UpperTriangle

  /// Share of the mean variance that is added to every variance.
  private static let damping = 0.01

  /// `nil` where the inputs vary so little that there is nothing to steer by.
  package init?(covariance: SymmetricMatrix) {
    let mean = covariance.meanDiagonal
    guard mean > 0, mean.isFinite else { return nil }
    let order = (0..<covariance.size).sorted {
      (-covariance[$0, $0], $0) < (-covariance[$1, $1], $1)
    }
    var damped = covariance.permuted(order)
    for i in 0..<damped.size { damped[i, i] += Self.damping * mean }
    guard let factor = damped.inverseCholesky() else { return nil }
    self.order = order
    self.factor = factor
  }

  /// The codes of one output channel's real weights at `scale`, in `-127 ... 127`.
  package func codes(_ weights: [Float], scale: Double) -> [Int8] {
    let size = order.count
    var left = order.map { Double(weights[$0]) }
    var codes = [Int8](repeating: 0, count: size)
    left.withUnsafeMutableBufferPointer { left in
      factor.values.withUnsafeBufferPointer { u in
        for i in 0..<size {
          let code = min(max((left[i] / scale).rounded(.toNearestOrAwayFromZero), -127), 127)
          codes[order[i]] = Int8(code)
          let error = (left[i] - code * scale) / u[i * size + i]
          for j in i + 1..<max(size, i + 1) { left[j] -= error * u[i * size + j] }
        }
      }
    }
    return codes
  }
}

/// Rounds the few weights of a depthwise channel by trying every neighbor of every code, and a
/// few scales: the output changes least for inputs like those seen.
package struct CoordinateRounding: Sendable {
  /// Covariance of the channel's taps, damped.
  private let covariance: SymmetricMatrix

  /// Share of the mean variance, and of the mean square, that is added to every variance.
  private static let damping = (variance: 0.001, square: 1e-5)
  private static let sweeps = 4
  /// What the scale `max|w| / 127` is tried at: below 1, the largest weights are cut.
  private static let scaleFactors = (0..<13).map { 0.8 + 0.02 * Double($0) }

  /// - Parameter meanSquare: Mean of the squared inputs, in the covariance's units.
  package init(covariance: SymmetricMatrix, meanSquare: Double) {
    var damped = covariance
    let extra =
      Self.damping.variance * covariance.meanDiagonal + Self.damping.square * meanSquare
      + .leastNormalMagnitude
    for i in 0..<damped.size { damped[i, i] += extra }
    self.covariance = damped
  }

  /// The scale at which the codes of `weights` cost least, tried around `scale`.
  package func scale(_ weights: [Float], around scale: Double) -> Double {
    // Weights that are all 0, or next to it, fit any scale.
    guard scale * Self.scaleFactors[0] >= Double(Float.leastNormalMagnitude) else { return scale }
    let tried = Self.scaleFactors.map { factor in
      let scale = Double(Float(scale * factor))
      return (scale, cost(weights, codes(weights, scale: scale), scale))
    }
    return tried.min { $0.1 < $1.1 }?.0 ?? scale
  }

  /// The codes of the channel's real weights at `scale`, in `-127 ... 127`.
  package func codes(_ weights: [Float], scale: Double) -> [Int8] {
    var codes = weights.map {
      Int8(min(max((Double($0) / scale).rounded(.toNearestOrAwayFromZero), -127), 127))
    }
    var errors = zip(weights, codes).map { Double($0) - Double($1) * scale }
    for _ in 0..<Self.sweeps {
      var isSettled = true
      for tap in codes.indices {
        // The cost along one code is a parabola; its lowest point tells how far to move.
        let slope = errors.indices.reduce(0) { $0 + covariance[tap, $1] * errors[$1] }
        let steps = (slope / (covariance[tap, tap] * scale)).rounded(.toNearestOrAwayFromZero)
        let moved = min(max(Double(codes[tap]) + steps, -127), 127)
        let change = moved - Double(codes[tap])
        guard change != 0 else { continue }
        errors[tap] -= change * scale
        codes[tap] = Int8(moved)
        isSettled = false
      }
      if isSettled { break }
    }
    return codes
  }

  /// The variance of the output's error.
  private func cost(_ weights: [Float], _ codes: [Int8], _ scale: Double) -> Double {
    let errors = zip(weights, codes).map { Double($0) - Double($1) * scale }
    var sum = 0.0
    for i in errors.indices {
      for j in errors.indices { sum += errors[i] * covariance[i, j] * errors[j] }
    }
    return sum
  }
}
