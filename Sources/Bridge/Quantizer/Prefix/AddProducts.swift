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
