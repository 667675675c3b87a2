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
