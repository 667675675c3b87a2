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
    let own = (0..<size).map { Double(weights[$0]) * errors[$0 * size + $0] }
    let all = weights.times(errors)
    return (solve(own), solve(zip(all, own).map { $0 - $1 }))
  }

  /// The inverse of the damped covariance times `vector`.
  private func solve(_ vector: [Double]) -> [Double] {
    var half = [Double](repeating: 0, count: size)
    var result = half
    factor.values.withUnsafeBufferPointer { u in
      for i in 0..<size {
        var sum = 0.0
        for j in i..<size { sum += u[i * size + j] * vector[j] }
        half[i] = sum
      }
      result.withUnsafeMutableBufferPointer { result in
        for i in 0..<size {
          let scale = half[i]
          for j in i..<size { result[j] += u[i * size + j] * scale }
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
    result.withUnsafeMutableBufferPointer { result in
      matrix.withUnsafeBufferPointer { matrix in
        for i in indices {
          let scale = self[i]
          for j in indices { result[j] += scale * matrix[i * count + j] }
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
    for (index, error) in pending.errors.enumerated() { errorSums[index % size] += Double(error) }
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
