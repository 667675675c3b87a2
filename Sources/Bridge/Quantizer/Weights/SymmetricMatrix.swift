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
    guard let factor = lowerCholesky(), let inverse = Self.inverse(ofLower: factor, size) else {
      return nil
    }
    // A = L Lᵀ, so A⁻¹ = MᵀM with M = L⁻¹, which is lower. Its Cholesky factor comes from A⁻¹.
    var product = SymmetricMatrix(size: size)
    product.values.withUnsafeMutableBufferPointer { out in
      inverse.withUnsafeBufferPointer { m in
        for k in 0..<size {
          for i in 0...k {
            let scale = m[k * size + i]
            for j in 0...k { out[i * size + j] += scale * m[k * size + j] }
          }
        }
      }
    }
    guard let lower = product.lowerCholesky() else { return nil }
    return UpperTriangle(transposing: lower, size: size)
  }

  /// `L` with `self = L * transpose(L)`, as `[size][size]`; `nil` unless positive definite.
  package func lowerCholesky() -> [Double]? {
    var lower = values
    let isPositive = lower.withUnsafeMutableBufferPointer { l in
      for j in 0..<size {
        for k in 0..<j {
          let scale = l[j * size + k]
          for i in j..<size { l[i * size + j] -= scale * l[i * size + k] }
        }
        let pivot = l[j * size + j]
        guard pivot > 0 else { return false }
        let root = pivot.squareRoot()
        for i in j..<size { l[i * size + j] /= root }
      }
      return true
    }
    return isPositive ? lower : nil
  }

  /// The inverse of a lower triangle, itself lower, as `[size][size]`.
  private static func inverse(ofLower lower: [Double], _ size: Int) -> [Double]? {
    var inverse = [Double](repeating: 0, count: size * size)
    inverse.withUnsafeMutableBufferPointer { m in
      lower.withUnsafeBufferPointer { l in
        for i in 0..<size {
          for k in 0..<i {
            let scale = l[i * size + k]
            for j in 0...k { m[i * size + j] -= scale * m[k * size + j] }
          }
          m[i * size + i] += 1
          for j in 0...i { m[i * size + j] /= l[i * size + i] }
        }
      }
    }
    return inverse
  }
}

/// An upper triangular matrix, row by row.
package struct UpperTriangle: Sendable {
  package let size: Int
  /// `[size][size]`; zero below the diagonal.
  package let values: [Double]

  /// The transpose of a lower triangle stored as `[size][size]`.
  init(transposing lower: [Double], size: Int) {
    self.size = size
    var upper = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in row..<size { upper[row * size + column] = lower[column * size + row] }
    }
    values = upper
  }
}
