import HostKernels
import Tensors
import Testing

struct ElementwiseF32Tests {
  static let sizes = [0, 1, 3, 7, 8, 9, 15, 16, 17, 33, 100]

  @Test(arguments: sizes)
  func mapsEveryElement(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let a = random.floats(count)
    let b = random.floats(count)
    expectMap("clamp", a, { min(max($0, -1), 2) }) { mnqh_clamp_f32(count, a, -1, 2, &$0) }
    expectMap("clamp", a, { min(max($0, -1), 2) }) { mnqh_clamp_f32_scalar(count, a, -1, 2, &$0) }
    expectMap("hard swish", a, { $0 * min(max($0 + 3, 0), 6) / 6 }) {
      mnqh_hard_swish_f32(count, a, &$0)
    }
    expectMap("hard swish", a, { $0 * min(max($0 + 3, 0), 6) / 6 }) {
      mnqh_hard_swish_f32_scalar(count, a, &$0)
    }
    expectMap("hard sigmoid", a, { min(max($0 / 6 + 0.5, 0), 1) }) {
      mnqh_hard_sigmoid_f32(count, a, 1 / 6, 0.5, &$0)
    }
    expectMap("hard sigmoid", a, { min(max($0 / 6 + 0.5, 0), 1) }) {
      mnqh_hard_sigmoid_f32_scalar(count, a, 1 / 6, 0.5, &$0)
    }
    let sums = zip(a, b).map { max($0 + $1, 0) }
    var output = [Float](repeating: .nan, count: count)
    mnqh_add_f32(count, a, b, 0, .infinity, &output)
    #expect(output == sums)
    output = [Float](repeating: .nan, count: count)
    mnqh_add_f32_scalar(count, a, b, 0, .infinity, &output)
    #expect(output == sums)
  }

  /// Runs `kernel` and compares with `map` in double, to 1e-5 of 8, the largest value.
  private func expectMap(
    _ what: String, _ input: [Float], _ map: (Double) -> Double, _ kernel: (inout [Float]) -> Void
  ) {
    var output = [Float](repeating: .nan, count: input.count)
    kernel(&output)
    let wrong = zip(input, output).first { !(abs(map(Double($0)) - Double($1)) <= 8e-6) }
    #expect(wrong == nil, "\(what) of \(input.count)")
  }

  @Test(arguments: [1, 3, 8, 17, 48], [1, 4, 49])
  func treatsEveryChannelAlone(channels: Int, pixels: Int) {
    var random = SplitMix64(seed: UInt64(channels * 1000 + pixels))
    let input = random.floats(pixels * channels)
    let factors = random.floats(channels)
    let products = input.indices.map { input[$0] * factors[$0 % channels] }
    var output = [Float](repeating: .nan, count: input.count)
    mnqh_scale_channels_f32(pixels, channels, input, factors, &output)
    #expect(output == products)
    output = [Float](repeating: .nan, count: input.count)
    mnqh_scale_channels_f32_scalar(pixels, channels, input, factors, &output)
    #expect(output == products)

    let means = (0..<channels).map { c in
      let column = stride(from: c, to: input.count, by: channels).map { Double(input[$0]) }
      return Float(column.reduce(0, +) / Double(pixels))
    }
    var mean = [Float](repeating: .nan, count: channels)
    mnqh_mean_f32(pixels, channels, input, &mean)
    #expect(mean == means)
    mean = [Float](repeating: .nan, count: channels)
    mnqh_mean_f32_scalar(pixels, channels, input, &mean)
    #expect(mean == means)
  }

  @Test(arguments: sizes)
  func findsTheRangeWithoutNaN(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    var input = random.floats(count)
    for position in stride(from: 5, to: count, by: 7) { input[position] = .nan }
    let numbers = input.filter { !$0.isNaN }
    for range in [mnqh_range_f32(count, input), mnqh_range_f32_scalar(count, input)] {
      #expect(range.minimum == numbers.min() ?? .infinity)
      #expect(range.maximum == numbers.max() ?? -.infinity)
    }
  }
}
