internal import FixedPoint
package import QuantizedIR
internal import Tensors

extension Conv2D {
  /// Runs the layer on one image. `source` holds `[H, W, C]`, `destination` receives
  /// `[OH, OW, OC]`.
  ///
  /// Twin: `mnq_conv2d_s8` in `CRuntime`. Change both or neither.
  package func run(input source: Span<Int8>, output destination: inout MutableSpan<Int8>) {
    run(source, &destination) { output(code($0, channel: $1)) }
  }

  /// The same over codes of any width.
  ///
  /// - Parameter finish: Makes an output code of a sum and its channel.
  func run<Code: FixedWidthInteger>(
    _ source: Span<Code>, _ destination: inout MutableSpan<Code>, finish: (Int32, Int) -> Code
  ) {
    precondition(source.count == input.count * inputChannels)
    precondition(destination.count == output.count * outputChannels)
    let groupInputs = inputChannels / groups
    let groupOutputs = outputChannels / groups
    let weights = self.weights.values.span

    for outY in 0..<output.height {
      for outX in 0..<output.width {
        let window = Window(
          outY: outY, outX: outX, input: input, kernel: kernel, stride: stride,
          dilation: dilation, padding: padding)
        for o in 0..<outputChannels {
          let firstChannel = o / groupOutputs * groupInputs
          var accumulator = bias[o]
          for ky in window.tapsY {
            let row = (window.originY + ky * dilation.height) * input.width + window.originX
            for kx in window.tapsX {
              let pixel = (row + kx * dilation.width) * inputChannels + firstChannel
              let tap = ((o * kernel.height + ky) * kernel.width + kx) * groupInputs
              for c in 0..<groupInputs {
                let value = Int32(source[pixel + c]) - inputZeroPoint
                accumulator &+= value &* Int32(weights[tap + c])
              }
            }
          }
          destination[(outY * output.width + outX) * outputChannels + o] =
            finish(accumulator, o)
        }
      }
    }
  }
}
