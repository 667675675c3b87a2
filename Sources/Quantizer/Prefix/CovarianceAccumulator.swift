/// Sums of values and of their products, a block of rows at a time.
struct CovarianceAccumulator {
  private let size: Int
  private var count = 0
  private var sums: [Double]
  private var products: SymmetricMatrix
  /// Rows not yet in `products`, `[rows][size]`.
  private var pending: [Float] = []

  private static let blockRows = 32

  init(size: Int) {
    self.size = size
    sums = [Double](repeating: 0, count: size)
    products = SymmetricMatrix(size: size)
  }

  /// Takes in one row of `size` values.
  mutating func add(_ row: [Float]) {
    pending += row
    count += 1
    if pending.count >= Self.blockRows * size { flush() }
  }

  /// The covariance of the rows so far; of none, zeros.
  var covariance: SymmetricMatrix {
    var all = self
    all.flush()
    guard count > 0 else { return all.products }
    var result = SymmetricMatrix(size: size)
    let scale = 1 / Double(count)
    for i in 0..<size {
      for j in 0...i {
        let value = all.products[i, j] * scale - all.sums[i] * all.sums[j] * scale * scale
        result[i, j] = value
        result[j, i] = value
      }
    }
    return result
  }

  /// The mean of the squares of all values.
  var meanSquare: Double {
    var all = self
    all.flush()
    return all.products.meanDiagonal / Double(max(count, 1))
  }

  private mutating func flush() {
    let rows = pending.count / size
    products.addProducts(of: pending, rows: rows)
    for row in 0..<rows {
      for i in 0..<size { sums[i] += Double(pending[row * size + i]) }
    }
    pending.removeAll(keepingCapacity: true)
  }
}

extension SymmetricMatrix {
  /// Adds `transpose(rows) * rows` to the lower triangle.
  fileprivate mutating func addProducts(of values: [Float], rows: Int) {
    let size = self.size
    withUnsafeMutableValues { out in
      values.withUnsafeBufferPointer { x in
        for i in 0..<size {
          for row in 0..<rows {
            let scale = Double(x[row * size + i])
            guard scale != 0 else { continue }
            for j in 0...i { out[i * size + j] += scale * Double(x[row * size + j]) }
          }
        }
      }
    }
  }
}
