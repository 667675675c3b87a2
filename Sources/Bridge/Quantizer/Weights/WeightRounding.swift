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

/// A symmetric matrix of reals, stored whole.
package struct SymmetricMatrix: Sendable {
  /// Rows and columns.
  package let size: Int
  /// `[size][size]`.
  package private(set) var values: [Double]

  /// A matrix of zeros.
  package init(size: Int) {
    self.size = size
    values = [Double](repeating: 0, count: size * size)
  }

  package subscript(row: Int, column: Int) -> Double {
    get { values[row * size + column] }
    set { values[row * size + column] = newValue }
  }

  /// Gives `body` the values to change in place.
  mutating func withUnsafeMutableValues(_ body: (UnsafeMutableBufferPointer<Double>) -> Void) {
    values.withUnsafeMutableBufferPointer { body($0) }
  }

  /// The mean of the diagonal.
  package var meanDiagonal: Double {
    (0..<size).reduce(0) { $0 + self[$1, $1] } / Double(max(size, 1))
  }

  /// The rows and columns in another order: row `i` of the result is row `order[i]`.
  package func permuted(_ order: [Int]) -> SymmetricMatrix {
    var result = SymmetricMatrix(size: size)
    for (i, from) in order.enumerated() {
      for (j, other) in order.enumerated() { result[i, j] = self[from, other] }
    }
    return result
  }

  /// The upper triangle `U` with `inverse = transpose(U) * U`, for a positive definite matrix;
  /// `nil` for any other.
  package func inverseCholesky() -> UpperTriangle? {
    guard let factor = upperCholesky() else { return nil }
    // A = UᵀU, so A⁻¹ = MᵀM with M = (Uᵀ)⁻¹, which is lower. Its Cholesky factor comes from A⁻¹.
    let inverse = factor.transposedInverse()
    var product = SymmetricMatrix(size: size)
    product.values.withUnsafeMutableBufferPointer { out in
      inverse.withUnsafeBufferPointer { m in
        guard let out = out.baseAddress, let m = m.baseAddress else { return }
        for i in 0..<size {
          let rows = ScaledRows(
            rows: m, scales: m + i, sign: 1, size: size, from: i, areLower: true)
          rows.add(i..<size, to: out + i * size)
        }
      }
    }
    return product.upperCholesky()
  }

  /// `U` with `self = transpose(U) * U`; `nil` unless positive definite. Reads the upper half.
  package func upperCholesky() -> UpperTriangle? {
    var upper = values
    let isPositive = upper.withUnsafeMutableBufferPointer { buffer in
      guard let u = buffer.baseAddress else { return true }
      for j in 0..<size {
        let row = u + j * size
        for i in 0..<j { row[i] = 0 }
        let above = ScaledRows(
          rows: u, scales: u + j, sign: -1, size: size, from: j, areLower: false)
        above.add(0..<j, to: row)
        guard row[j] > 0 else { return false }
        let root = row[j].squareRoot()
        for i in j..<size { row[i] /= root }
      }
      return true
    }
    return isPositive ? UpperTriangle(size: size, values: upper) : nil
  }
}

/// An upper triangular matrix, row by row.
package struct UpperTriangle: Sendable {
  package let size: Int
  /// `[size][size]`; zero below the diagonal.
  package let values: [Double]

  /// The inverse of the transpose, which is lower, as `[size][size]`.
  func transposedInverse() -> [Double] {
    var inverse = [Double](repeating: 0, count: size * size)
    inverse.withUnsafeMutableBufferPointer { m in
      values.withUnsafeBufferPointer { u in
        guard let m = m.baseAddress, let u = u.baseAddress else { return }
        for i in 0..<size {
          let above = ScaledRows(
            rows: m, scales: u + i, sign: -1, size: size, from: 0, areLower: true)
          let row = m + i * size
          above.add(0..<i, to: row)
          row[i] += 1
          for j in 0...i { row[j] /= u[i * size + i] }
        }
      }
    }
    return inverse
  }
}

/// Rows of a matrix, each with a factor.
private struct ScaledRows {
  /// `[size][size]`.
  let rows: UnsafePointer<Double>
  /// The factor of row `k` at `k * size`.
  let scales: UnsafePointer<Double>
  /// 1 or -1.
  let sign: Double
  let size: Int
  /// The first column that matters.
  let from: Int
  /// Whether row `k` ends with its column `k`, behind which it has zeros.
  let areLower: Bool

  /// Adds the rows `range` to `target`, one after another: four at a time, so that a sum is loaded
  /// and stored once for four products. The order of additions is that of rows whatever is done at
  /// once, and with it every bit.
  func add(_ range: Range<Int>, to target: UnsafeMutablePointer<Double>) {
    var k = range.lowerBound
    while k + 4 <= range.upperBound {
      let (p, q) = (rows + k * size, rows + (k + 1) * size)
      let (r, s) = (rows + (k + 2) * size, rows + (k + 3) * size)
      let (a, b) = (scale(k), scale(k + 1))
      let (c, d) = (scale(k + 2), scale(k + 3))
      for j in from..<(areLower ? k + 4 : size) {
        target[j] = target[j] + a * p[j] + b * q[j] + c * r[j] + d * s[j]
      }
      k += 4
    }
    for k in k..<range.upperBound {
      let (row, scale) = (rows + k * size, scale(k))
      for j in from..<(areLower ? k + 1 : size) { target[j] += scale * row[j] }
    }
  }

  private func scale(_ k: Int) -> Double { sign * scales[k * size] }
}
