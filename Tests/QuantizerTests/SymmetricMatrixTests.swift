import Quantizer
import Tensors
import TestSupport
import Testing

/// Cholesky factors, against the products that define them.
@Suite struct SymmetricMatrixTests {
  /// `transpose(U) * U` is the matrix again, and `U` has a positive diagonal.
  @Test(arguments: 1...9) func theFactorTimesItselfIsTheMatrix(size: Int) throws {
    let matrix = Self.positiveDefinite(size, seed: UInt64(size))
    let upper = try #require(matrix.upperCholesky()).values
    for i in 0..<size {
      #expect(upper[i * size + i] > 0)
      for j in 0...i {
        let product = (0...j).reduce(0) { $0 + upper[$1 * size + i] * upper[$1 * size + j] }
        #expect(abs(product - matrix[i, j]) <= 1e-12 * Double(size))
      }
    }
  }

  /// Rows taken four at a time give every bit of one product after another.
  @Test(arguments: 1...27) func theFactorIsThatOfPlainLoops(size: Int) throws {
    let matrix = Self.positiveDefinite(size, seed: UInt64(200 + size))
    var plain = [Double](repeating: 0, count: size * size)
    for j in 0..<size {
      for i in j..<size {
        plain[j * size + i] = matrix[i, j]
        for k in 0..<j { plain[j * size + i] -= plain[k * size + j] * plain[k * size + i] }
      }
      let root = plain[j * size + j].squareRoot()
      for i in j..<size { plain[j * size + i] /= root }
    }
    #expect(matrix.upperCholesky()?.values == plain)
  }

  /// `transpose(U) * U` times the matrix is the identity, and `U` is upper triangular.
  @Test(arguments: 1...13) func theInverseFactorGivesTheInverse(size: Int) throws {
    let matrix = Self.positiveDefinite(size, seed: UInt64(100 + size))
    let upper = try #require(matrix.inverseCholesky()).values
    for i in 0..<size {
      for j in 0..<size {
        if j < i { #expect(upper[i * size + j] == 0) }
        let product = (0..<size).reduce(0.0) { sum, k in
          let inverse = (0...min(i, k)).reduce(0) {
            $0 + upper[$1 * size + i] * upper[$1 * size + k]
          }
          return sum + inverse * matrix[k, j]
        }
        #expect(abs(product - (i == j ? 1 : 0)) <= 1e-9)
      }
    }
  }

  @Test func oneByOne() throws {
    var matrix = SymmetricMatrix(size: 1)
    matrix[0, 0] = 4
    #expect(matrix.upperCholesky()?.values == [2])
    #expect(matrix.inverseCholesky()?.values == [0.5])
  }

  /// Zero, negative, indefinite, singular, and no number.
  @Test(arguments: [
    [0, 0, 0], [-1, 0, 1], [1, 2, 1], [1, 1, 1], [.nan, 0, 1], [1, .nan, 1],
  ]) func nothingElseHasAFactor(_ values: [Double]) {
    var matrix = SymmetricMatrix(size: 2)
    (matrix[0, 0], matrix[1, 1]) = (values[0], values[2])
    (matrix[0, 1], matrix[1, 0]) = (values[1], values[1])
    #expect(matrix.upperCholesky() == nil)
    #expect(matrix.inverseCholesky() == nil)
  }

  /// The product of a random square matrix with its transpose, and 0.1 on the diagonal.
  static func positiveDefinite(_ size: Int, seed: UInt64) -> SymmetricMatrix {
    var random = SplitMix64(seed: seed)
    let factor = random.floats(size * size, in: -1...1).map(Double.init)
    var matrix = SymmetricMatrix(size: size)
    for i in 0..<size {
      for j in 0..<size {
        matrix[i, j] = (0..<size).reduce(i == j ? 0.1 : 0) {
          $0 + factor[i * size + $1] * factor[j * size + $1]
        }
      }
    }
    return matrix
  }
}
