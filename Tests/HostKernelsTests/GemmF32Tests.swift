import HostKernels
import Tensors
import Testing

struct GemmF32Tests {
  static let sizes = [1, 2, 3, 7, 8, 15, 16, 17, 33]

  /// Both twins against sums in double, for every depth and width around a panel of 16 columns.
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 13, 49])
  func equalsSumsInDouble(rows: Int) {
    var random = SplitMix64(seed: UInt64(rows))
    for depth in Self.sizes {
      for columns in Self.sizes {
        let ending = [.nothing, .clamp(-1...2.5), Ending.hardSwish][(depth + columns) % 3]
        let matrix = Dense(
          weights: random.floats(columns * depth), bias: random.floats(columns), depth: depth)
        let stride = depth + columns % 3
        let input = random.floats(rows * stride)
        let expected = matrix.expected(rows: rows, input: input, stride: stride)
        let what = "\(rows) rows, \(depth) deep, \(columns) columns"
        check(
          matrix.run(mnqh_gemm_f32, rows, input, stride, ending), expected, ending, what)
        check(
          matrix.run(mnqh_gemm_f32_scalar, rows, input, stride, ending), expected, ending,
          "scalar, \(what)")
      }
    }
  }

  /// More rows than are worked through in one block.
  @Test func equalsSumsInDoubleOverSeveralBlocks() {
    var random = SplitMix64(seed: 1)
    let matrix = Dense(weights: random.floats(20 * 300), bias: random.floats(20), depth: 300)
    let input = random.floats(531 * 300)
    let expected = matrix.expected(rows: 531, input: input, stride: 300)
    check(
      matrix.run(mnqh_gemm_f32, 531, input, 300, .nothing), expected, .nothing, "blocks")
  }

  @Test func writesNothingBeyondItsColumns() {
    var random = SplitMix64(seed: 2)
    let matrix = Dense(weights: random.floats(5 * 3), bias: random.floats(5), depth: 3)
    let input = random.floats(7 * 3)
    let output = matrix.run(mnqh_gemm_f32, 7, input, 3, .nothing, outputStride: 9)
    let written = output.indices.filter { !output[$0].isNaN }
    #expect(written == output.indices.filter { $0 % 9 < 5 })
  }
}

/// A matrix of weights `[columns][depth]` with its bias.
struct Dense {
  let weights: [Float]
  let bias: [Float]
  let depth: Int

  typealias Kernel = (
    UnsafePointer<mnqh_gemm_f32_layer>?, Int, UnsafePointer<Float>?, Int,
    UnsafeMutablePointer<Float>?, Int
  ) -> Void

  func packed() -> [Float] {
    var packed = [Float](
      repeating: .nan, count: mnqh_gemm_f32_packed_count(depth, bias.count))
    mnqh_pack_gemm_f32(weights, bias, depth, bias.count, &packed)
    return packed
  }

  func run(
    _ kernel: Kernel, _ rows: Int, _ input: [Float], _ stride: Int, _ ending: Ending,
    outputStride: Int? = nil
  ) -> [Float] {
    let outputStride = outputStride ?? bias.count
    var output = [Float](repeating: .nan, count: rows * outputStride)
    packed().withUnsafeBufferPointer { packed in
      var layer = mnqh_gemm_f32_layer(
        packed: packed.baseAddress, depth: depth, columns: bias.count,
        ending: ending.native)
      kernel(&layer, rows, input, stride, &output, outputStride)
    }
    return output
  }

  func expected(rows: Int, input: [Float], stride: Int) -> [Expectation] {
    (0..<rows).flatMap { row in
      bias.indices.map { column in
        var sum = Expectation(bias: bias[column])
        for k in 0..<depth {
          sum.add(input[row * stride + k], weights[column * depth + k])
        }
        return sum
      }
    }
  }
}
