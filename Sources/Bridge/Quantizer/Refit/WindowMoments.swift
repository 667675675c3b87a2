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
