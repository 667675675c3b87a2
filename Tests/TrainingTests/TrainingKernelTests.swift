import HostKernels
import Tensors
import TestSupport
import Testing

/// Training's kernels against their plain twins, on whole numbers small enough that every sum is
/// exact in any order: then both give the same bytes, at every tail.
@Suite struct TrainingKernelTests {
  /// Runs `body` with plain instructions, and with as many more as there are here.
  @discardableResult
  private static func withAllInstructions<Result>(_ body: () -> Result) -> [Result] {
    defer { mnqh_use_at_most(MNQH_AVX_512) }
    return (MNQH_NO_MORE.rawValue...mnqh_widest().rawValue).map { level in
      mnqh_use_at_most(mnqh_instructions(rawValue: level))
      return body()
    }
  }

  private static func whole(_ count: Int, _ random: inout SplitMix64) -> [Float] {
    (0..<count).map { _ in Float(Int.random(in: -4...4, using: &random)) }
  }

  @Test(arguments: 1...40) func denseGradientsAgree(_ depth: Int) {
    Self.withAllInstructions { checkDenseGradients(depth) }
  }

  private func checkDenseGradients(_ depth: Int) {
    var random = SplitMix64(seed: UInt64(depth))
    for columns in [1, 2, 5, 6, 7, 12, 13, 33] {
      for rows in [1, 3, 127, 128, 129, 300] {
        let upstream = Self.whole(rows * columns, &random)
        let input = Self.whole(rows * depth, &random)
        let start = Self.whole(columns * depth, &random)
        func run(
          _ kernel: (
            Int, mnqh_rows, Int, mnqh_rows, Int, UnsafeMutablePointer<Float>?,
            UnsafeMutablePointer<Float>?
          ) -> Void
        ) -> [Float] {
          var gradient = start + [7]
          var scratch = [Float](repeating: .nan, count: mnqh_dense_gradient_scratch_count(depth))
          upstream.withUnsafeBufferPointer { upstream in
            input.withUnsafeBufferPointer { input in
              kernel(
                rows, mnqh_rows(values: upstream.baseAddress, stride: columns), columns,
                mnqh_rows(values: input.baseAddress, stride: depth), depth, &gradient, &scratch)
            }
          }
          return gradient
        }
        let plain = run(mnqh_dense_gradient_f32_scalar)
        #expect(run(mnqh_dense_gradient_f32) == plain, "\(rows) x \(columns) x \(depth)")
        var expected = start
        for m in 0..<rows {
          for n in 0..<columns {
            for k in 0..<depth {
              expected[n * depth + k] += upstream[m * columns + n] * input[m * depth + k]
            }
          }
        }
        #expect(plain == expected + [7], "\(rows) x \(columns) x \(depth) by the book")
      }
    }
  }

  @Test(arguments: 1...40) func normalizationsAgree(_ channels: Int) {
    Self.withAllInstructions { checkNormalizations(channels) }
  }

  private func checkNormalizations(_ channels: Int) {
    var random = SplitMix64(seed: UInt64(channels))
    for rows in [1, 2, 7, 8, 9, 33] {
      let count = rows * channels
      let (x, g) = (Self.whole(count, &random), Self.whole(count, &random))
      let scale = Self.whole(channels, &random)
      let offset = Self.whole(channels, &random)
      let mean = Self.whole(channels, &random)
      for function in [MNQH_IDENTITY, MNQH_RELU, MNQH_RELU6] {
        scale.withUnsafeBufferPointer { s in
          offset.withUnsafeBufferPointer { o in
            var layer = mnqh_normalization(
              scale: s.baseAddress, offset: o.baseAddress, function: function)
            let label = "\(rows) x \(channels), function \(function.rawValue)"
            #expect(
              Self.out(count) { mnqh_normalize_f32(&layer, rows, channels, x, $0) }
                == Self.out(count) { mnqh_normalize_f32_scalar(&layer, rows, channels, x, $0) },
              "\(label)")
            #expect(
              Self.out(2 * channels) {
                mnqh_normalization_sums_f32(&layer, rows, channels, g, x, mean, $0, $0 + channels)
              }
                == Self.out(2 * channels) {
                  mnqh_normalization_sums_f32_scalar(
                    &layer, rows, channels, g, x, mean, $0, $0 + channels)
                }, "\(label)")
            #expect(
              Self.out(count) {
                mnqh_normalization_gradient_f32(
                  &layer, rows, channels, g, x, scale, mean, offset, $0)
              }
                == Self.out(count) {
                  mnqh_normalization_gradient_f32_scalar(
                    &layer, rows, channels, g, x, scale, mean, offset, $0)
                }, "\(label)")
          }
        }
      }
      #expect(
        Self.out(channels) { mnqh_channel_sums_f32(rows, channels, x, $0) }
          == Self.out(channels) { mnqh_channel_sums_f32_scalar(rows, channels, x, $0) })
    }
  }

  /// Curves are no whole numbers: equal but for a rounding.
  @Test(arguments: 1...20) func curvesAgree(_ channels: Int) {
    Self.withAllInstructions { checkCurves(channels) }
  }

  private func checkCurves(_ channels: Int) {
    var random = SplitMix64(seed: UInt64(channels))
    let (rows, count) = (9, 9 * channels)
    let (x, g) = (random.floats(count, in: -5...5), random.floats(count, in: -1...1))
    let scale = random.floats(channels, in: 0.5...1.5)
    let offset = random.floats(channels, in: -1...1)
    for function in [MNQH_HARD_SWISH, MNQH_HARD_SIGMOID, MNQH_LOGISTIC] {
      scale.withUnsafeBufferPointer { s in
        offset.withUnsafeBufferPointer { o in
          var layer = mnqh_normalization(
            scale: s.baseAddress, offset: o.baseAddress, function: function)
          let pairs = [
            (
              Self.out(count) { mnqh_normalize_f32(&layer, rows, channels, x, $0) },
              Self.out(count) { mnqh_normalize_f32_scalar(&layer, rows, channels, x, $0) }
            ),
            (
              Self.out(count) {
                mnqh_normalization_gradient_f32(
                  &layer, rows, channels, g, x, scale, offset, offset, $0)
              },
              Self.out(count) {
                mnqh_normalization_gradient_f32_scalar(
                  &layer, rows, channels, g, x, scale, offset, offset, $0)
              }
            ),
          ]
          for (fast, plain) in pairs {
            #expect(
              zip(fast, plain).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) },
              "function \(function.rawValue), \(channels) channels")
          }
        }
      }
    }
  }

  @Test(arguments: 1...40) func depthwiseGradientsAgree(_ channels: Int) {
    Self.withAllInstructions { checkDepthwiseGradients(channels) }
  }

  private func checkDepthwiseGradients(_ channels: Int) {
    var random = SplitMix64(seed: UInt64(channels))
    for (kernel, stride, dilation, padding, multiplier) in [
      (3, 1, 1, 1, 1), (3, 2, 1, 1, 1), (5, 2, 1, 2, 1), (3, 1, 2, 2, 1), (2, 3, 1, 0, 2),
    ] as [(Int32, Int32, Int32, Int32, Int)] {
      let (height, width): (Int32, Int32) = (9, 7)
      let span = (kernel - 1) * dilation + 1
      let rows = (height + 2 * padding - span) / stride + 1
      let columns = (width + 2 * padding - span) / stride + 1
      var window = mnqh_window(
        input_height: height, input_width: width, output_height: rows, output_width: columns,
        kernel_height: kernel, kernel_width: kernel, stride_height: stride, stride_width: stride,
        dilation_height: dilation, dilation_width: dilation, padding_top: padding,
        padding_left: padding)
      let outputs = channels * multiplier
      let taps = Int(kernel * kernel)
      let input = Self.whole(Int(height * width) * channels, &random)
      let upstream = Self.whole(Int(rows * columns) * outputs, &random)
      let weights = Self.whole(taps * outputs, &random)
      #expect(
        Self.out(taps * outputs) {
          mnqh_depthwise_weight_gradient_f32(
            &window, channels, multiplier, 0, outputs, upstream, input, $0)
        }
          == Self.out(taps * outputs) {
            mnqh_depthwise_weight_gradient_f32_scalar(
              &window, channels, multiplier, 0, outputs, upstream, input, $0)
          })
      #expect(
        Self.out(input.count) {
          mnqh_depthwise_input_gradient_f32(&window, channels, multiplier, upstream, weights, $0)
        }
          == Self.out(input.count) {
            mnqh_depthwise_input_gradient_f32_scalar(
              &window, channels, multiplier, upstream, weights, $0)
          })
    }
  }

  /// The kernels for AVX2 and AVX-512 add in one order: the same bytes of any values.
  @Test(arguments: 1...40) func vectorsOfEverySizeGiveTheSameBytes(_ channels: Int) {
    var random = SplitMix64(seed: UInt64(channels))
    let (rows, count) = (63, 63 * channels)
    let (x, g) = (random.floats(count, in: -5...5), random.floats(count, in: -1...1))
    let weights = random.floats(25 * channels, in: -1...1)
    let found = Self.withAllInstructions {
      [
        Self.out(2 * channels) { mnqh_moments_f32(rows, channels, x, $0, $0 + channels) },
        Self.out(channels) { mnqh_channel_sums_f32(rows, channels, x, $0) },
        Self.out(channels) { mnqh_channel_products_f32(rows, channels, x, g, $0) },
        Self.out(channels * channels) { Self.denseGradient(rows, channels, x, g, $0) },
        Self.out(count) { Self.product(rows, channels, x, g, $0) },
      ]
        + ([3, 5] as [Int32]).flatMap { kernel in
          var window = Self.window(kernel, height: 9, width: 7)
          return [
            Self.out(Int(kernel * kernel) * channels) {
              mnqh_depthwise_weight_gradient_f32(&window, channels, 1, 0, channels, g, x, $0)
            },
            Self.out(count) {
              mnqh_depthwise_input_gradient_f32(&window, channels, 1, g, weights, $0)
            },
          ]
        }
    }
    for other in found.dropFirst(2) { #expect(other == found[1]) }
  }

  /// A convolution of an image to one of the same size.
  private static func window(_ kernel: Int32, height: Int32, width: Int32) -> mnqh_window {
    mnqh_window(
      input_height: height, input_width: width, output_height: height, output_width: width,
      kernel_height: kernel, kernel_width: kernel, stride_height: 1, stride_width: 1,
      dilation_height: 1, dilation_width: 1, padding_top: kernel / 2, padding_left: kernel / 2)
  }

  private static func denseGradient(
    _ rows: Int, _ channels: Int, _ x: [Float], _ g: [Float],
    _ gradient: UnsafeMutablePointer<Float>
  ) {
    var scratch = [Float](repeating: .nan, count: mnqh_dense_gradient_scratch_count(channels))
    x.withUnsafeBufferPointer { x in
      g.withUnsafeBufferPointer { g in
        mnqh_dense_gradient_f32(
          rows, mnqh_rows(values: g.baseAddress, stride: channels), channels,
          mnqh_rows(values: x.baseAddress, stride: channels), channels, gradient, &scratch)
      }
    }
  }

  /// The rows of `x` times a matrix of the first rows of `g`.
  private static func product(
    _ rows: Int, _ channels: Int, _ x: [Float], _ g: [Float], _ to: UnsafeMutablePointer<Float>
  ) {
    var packed = [Float](repeating: .nan, count: mnqh_gemm_f32_packed_count(channels, channels))
    mnqh_pack_gemm_f32(g, nil, channels, channels, &packed)
    packed.withUnsafeBufferPointer { packed in
      var layer = mnqh_gemm_f32_layer(
        packed: packed.baseAddress, depth: channels, columns: channels,
        ending: mnqh_ending_f32(minimum: -.infinity, maximum: .infinity, hard_swish: false))
      mnqh_gemm_f32(&layer, rows, x, channels, to, channels)
    }
  }

  /// Means and squares against double precision, far from zero, too.
  @Test(arguments: 1...40) func momentsAreThose(_ channels: Int) {
    var random = SplitMix64(seed: UInt64(channels))
    for rows in [1, 2, 130, 700] {
      let x = random.floats(rows * channels, in: 99...101)
      let found = Self.withAllInstructions {
        Self.out(2 * channels) { mnqh_moments_f32(rows, channels, x, $0, $0 + channels) }
      }
      for c in 0..<channels {
        let column = (0..<rows).map { Double(x[$0 * channels + c]) }
        let mean = column.reduce(0, +) / Double(rows)
        let squares = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        for values in found {
          #expect(abs(Double(values[c]) / Double(rows) - mean) < 1e-4)
          #expect(abs(Double(values[channels + c]) - squares) < 1e-4 * max(1, squares))
        }
      }
    }
  }

  /// Behind roundings: values at the ends of the reach, too.
  @Test(arguments: [1, 7, 8, 15, 16, 17, 1023, 1024, 1040, 2049])
  func roundingGradientsAgree(_ count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let (x, y) = (Self.whole(count, &random), Self.whole(count, &random))
    let g = Self.whole(count, &random)
    let terms = x.indices.map { g[$0] * ((-2...3).contains(x[$0]) ? y[$0] - x[$0] : y[$0]) }
    let expected = x.indices.map { (-2...3).contains(x[$0]) ? g[$0] : 0 }
    let sums = Self.withAllInstructions {
      var sum = 1.0
      let gradient = Self.out(count) {
        mnqh_rounding_gradient_f32(count, -2, 3, x, y, g, $0, &sum)
      }
      #expect(gradient == expected)
      return sum
    }
    for sum in sums { #expect(sum == 1 + Double(terms.reduce(0, +))) }
  }

  /// What `body` writes or adds to zeros; nothing behind the end.
  private static func out(
    _ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void
  ) -> [Float] {
    var values = [Float](repeating: 0, count: count + 8)
    for index in count..<count + 8 { values[index] = -77 }
    values.withUnsafeMutableBufferPointer { values in
      if let start = values.baseAddress { body(start) }
    }
    #expect(values[count...].allSatisfy { $0 == -77 }, "written behind the end")
    return Array(values[..<count])
  }
}
