import HostKernels
import Tensors
import TestSupport
import Testing

/// Training's kernels against their plain twins, on whole numbers small enough that every sum is
/// exact in any order: then both give the same bytes, at every tail.
@Suite struct TrainingKernelTests {
  private static func whole(_ count: Int, _ random: inout SplitMix64) -> [Float] {
    (0..<count).map { _ in Float(Int.random(in: -4...4, using: &random)) }
  }

  @Test(arguments: 1...40) func denseGradientsAgree(_ depth: Int) {
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
