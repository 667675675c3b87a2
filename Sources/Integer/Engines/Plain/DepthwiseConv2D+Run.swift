internal import FixedPoint
package import QuantizedIR
internal import Tensors

extension DepthwiseConv2D {
  /// Runs the layer on one image. `source` holds `[H, W, C]`, `destination` receives
  /// `[OH, OW, C * channelMultiplier]`.
  ///
  /// Twin: `mnq_depthwise_conv2d_s8` in `CRuntime`. Change both or neither.
  package func run(input source: Span<Int8>, output destination: inout MutableSpan<Int8>) {
    run(source, &destination) { output(code($0, channel: $1)) }
  }

  /// The same over codes of any width.
  ///
  /// - Parameter finish: Makes an output code of a sum and its channel.
  func run<Code: FixedWidthInteger>(
    _ source: Span<Code>, _ destination: inout MutableSpan<Code>, finish: (Int32, Int) -> Code
  ) {
    precondition(source.count == input.count * channels)
    precondition(destination.count == output.count * outputChannels)
    let weights = self.weights.values.span

    for outY in 0..<output.height {
      for outX in 0..<output.width {
        let window = Window(
          outY: outY, outX: outX, input: input, kernel: kernel, stride: stride,
          dilation: dilation, padding: padding)
        for o in 0..<outputChannels {
          var accumulator = bias[o]
          for ky in window.tapsY {
            let row = (window.originY + ky * dilation.height) * input.width + window.originX
            for kx in window.tapsX {
              let pixel = (row + kx * dilation.width) * channels
              let value = Int32(source[pixel + o / channelMultiplier]) - inputZeroPoint
              let weight = weights[(ky * kernel.width + kx) * outputChannels + o]
              accumulator &+= value &* Int32(weight)
            }
          }
          destination[(outY * output.width + outX) * outputChannels + o] =
            finish(accumulator, o)
        }
      }
    }
  }
}
