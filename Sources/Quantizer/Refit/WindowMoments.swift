/// Sums over windows of a dense layer's input: the codes that it meets, less the zero point, and
/// by how much the float network's values, in steps of the codes, are above them.
package struct WindowMoments {
  /// Values in a window.
  let size: Int
  private(set) var count = 0
  private var codeSums: [Double]
  private var errorSums: [Double]
  /// Lower triangle, `[size][size]`.
  private var codeProducts: [Double]
  /// Errors by codes, `[size][size]`.
  private var errorProducts: [Double]
  /// Rows not yet in the sums, `[rows][size]`.
  private var pending: (codes: [Float], errors: [Float]) = ([], [])

  private static let blockRows = 32

  package init(size: Int) {
    self.size = size
    codeSums = [Double](repeating: 0, count: size)
    errorSums = codeSums
    codeProducts = [Double](repeating: 0, count: size * size)
    errorProducts = codeProducts
  }

  /// Takes in one window.
  package mutating func add(codes: [Float], errors: [Float]) {
    pending.codes += codes
    pending.errors += errors
    count += 1
    if pending.codes.count == Self.blockRows * size { flush() }
  }

  /// Takes in what is still pending.
  package mutating func flush() {
    let rows = pending.codes.count / size
    addProducts(
      pending.codes, pending.codes, rows: rows, size: size, isSymmetric: true, to: &codeProducts)
    addProducts(
      pending.errors, pending.codes, rows: rows, size: size, isSymmetric: false, to: &errorProducts)
    for index in pending.codes.indices {
      codeSums[index % size] += Double(pending.codes[index])
      errorSums[index % size] += Double(pending.errors[index])
    }
    pending = ([], [])
  }

  /// Takes in all that `other` has seen; neither has windows pending.
  mutating func add(_ other: WindowMoments) {
    precondition(pending.codes.isEmpty && other.pending.codes.isEmpty && size == other.size)
    count += other.count
    for i in 0..<size {
      codeSums[i] += other.codeSums[i]
      errorSums[i] += other.errorSums[i]
    }
    for i in 0..<size * size {
      codeProducts[i] += other.codeProducts[i]
      errorProducts[i] += other.errorProducts[i]
    }
  }

  /// The covariance of the codes.
  var codeCovariance: SymmetricMatrix {
    var result = SymmetricMatrix(size: size)
    let scale = 1 / Double(max(count, 1))
    for i in 0..<size {
      for j in 0...i {
        let value = codeProducts[i * size + j] * scale - codeSums[i] * codeSums[j] * scale * scale
        result[i, j] = value
        result[j, i] = value
      }
    }
    return result
  }

  /// The covariance of each error (row) with each code (column), `[size][size]`.
  var errorCovariance: [Double] {
    let scale = 1 / Double(max(count, 1))
    var result = errorProducts
    for i in 0..<size {
      for j in 0..<size {
        result[i * size + j] =
          result[i * size + j] * scale - errorSums[i] * codeSums[j] * scale * scale
      }
    }
    return result
  }
}
