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
