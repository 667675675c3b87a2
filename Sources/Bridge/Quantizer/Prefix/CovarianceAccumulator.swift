/// Sums of values and of their products, a block of rows at a time.
struct CovarianceAccumulator {
  let size: Int
  private(set) var count = 0
  private(set) var sums: [Double]
  /// Lower triangle, `[size][size]`.
  private var products: [Double]
  /// Rows not yet in `products`, `[rows][size]`.
  private var pending: [Float] = []

  static let blockRows = 32

  init(size: Int) {
    self.size = size
    sums = [Double](repeating: 0, count: size)
    products = [Double](repeating: 0, count: size * size)
  }

  /// Takes in one row of `size` values.
  mutating func add(_ row: [Float]) {
    pending += row
    count += 1
    if pending.count >= Self.blockRows * size { flush() }
  }

  /// Takes in all that `other` has seen.
  mutating func add(_ other: CovarianceAccumulator) {
    precondition(size == other.size)
    var other = other
    other.flush()
    flush()
    count += other.count
    for i in sums.indices { sums[i] += other.sums[i] }
    for i in products.indices { products[i] += other.products[i] }
  }

  /// The covariance of the rows so far; of none, zeros.
  var covariance: SymmetricMatrix {
    var all = self
    all.flush()
    var result = SymmetricMatrix(size: size)
    guard count > 0 else { return result }
    let scale = 1 / Double(count)
    for i in 0..<size {
      for j in 0...i {
        let value = all.products[i * size + j] * scale - all.sums[i] * all.sums[j] * scale * scale
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
    let sum = (0..<size).reduce(0) { $0 + all.products[$1 * size + $1] }
    return sum / Double(max(size * count, 1))
  }

  /// Takes pending rows into the sums.
  mutating func flush() {
    let rows = pending.count / size
    addProducts(pending, pending, rows: rows, size: size, isSymmetric: true, to: &products)
    for row in 0..<rows {
      for i in 0..<size { sums[i] += Double(pending[row * size + i]) }
    }
    pending.removeAll(keepingCapacity: true)
  }
}

/// Adds `transpose(a) * b` to `sums`, `[size][size]`, where `a` and `b` are `[rows][size]`; with
/// `isSymmetric`, to the lower triangle alone.
///
/// Products of codes stay exact: a block's sums are whole numbers below 2^24.
///
/// - Parameter rows: At most 32.
func addProducts(
  _ a: [Float], _ b: [Float], rows: Int, size: Int, isSymmetric: Bool, to sums: inout [Double]
) {
  var line = [Float](repeating: 0, count: size)
  sums.withUnsafeMutableBufferPointer { sums in
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        line.withUnsafeMutableBufferPointer { line in
          for i in 0..<size {
            let columns = isSymmetric ? i + 1 : size
            for j in 0..<columns { line[j] = 0 }
            for row in 0..<rows where a[row * size + i] != 0 {
              let scale = a[row * size + i]
              for j in 0..<columns { line[j] += scale * b[row * size + j] }
            }
            for j in 0..<columns { sums[i * size + j] += Double(line[j]) }
          }
        }
      }
    }
  }
}
