internal import FixedPoint
package import QuantizedIR
internal import Tensors

extension TransposedConv2D: PlainLayer, ProductSums {
  /// Runs the layer on one image. `source` holds `[H, W, C]`, `destination` receives
  /// `[OH, OW, OC]`.
  ///
  /// Twin: `mnq_transposed_conv2d_s8` in `CRuntime`. Change both or neither.
  ///
  /// - Parameter finish: Makes an output code of a sum and its channel.
  func run<Code: FixedWidthInteger>(
    _ source: Span<Code>, _ destination: inout MutableSpan<Code>, finish: (Int32, Int) -> Code
  ) {
    precondition(source.count == input.count * inputChannels)
    precondition(destination.count == output.count * outputChannels)
    let (depth, groupOutputs) = (inputChannels / groups, outputChannels / groups)
    let weights = self.weights.values.span
    let (kernel, stride, input) = (self.kernel, self.stride, self.input)
    for outY in 0..<output.height {
      let tapsY = ReachingTaps(
        outY + padding.height, size: input.height, kernel: kernel.height, stride: stride.height)
      for outX in 0..<output.width {
        let tapsX = ReachingTaps(
          outX + padding.width, size: input.width, kernel: kernel.width, stride: stride.width)
        for o in 0..<outputChannels {
          var accumulator = bias[o]
          for (j, ky) in tapsY.taps.enumerated() {
            for (i, kx) in tapsX.taps.enumerated() {
              let pixel = (tapsY.place - j) * input.width + tapsX.place - i
              let first = pixel * inputChannels + o / groupOutputs * depth
              let tap = ((o * kernel.height + ky) * kernel.width + kx) * depth
              for c in 0..<depth {
                let value = Int32(source[first + c]) - inputZeroPoint
                accumulator &+= value &* Int32(weights[tap + c])
              }
            }
          }
          destination[(outY * output.width + outX) * outputChannels + o] = finish(accumulator, o)
        }
      }
    }
  }
}

/// The taps along an axis that reach one place of the output, every `stride`-th one. Each reads the
/// place before that of the last one.
private struct ReachingTaps {
  let taps: StrideTo<Int>
  /// What the first of `taps` reads.
  let place: Int

  /// - Parameter position: Of the output, with padding.
  init(_ position: Int, size: Int, kernel: Int, stride: Int) {
    let skipped = max(0, position / stride - (size - 1))
    place = position / stride - skipped
    let first = position % stride + skipped * stride
    taps = Swift.stride(from: first, to: min(kernel, first + place * stride + 1), by: stride)
  }
}

extension TransposedConv2D: HostLayer {}
