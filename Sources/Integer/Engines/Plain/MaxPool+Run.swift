internal import FixedPoint
package import QuantizedIR
internal import Tensors

extension MaxPool {
  /// Runs the layer on one image. `source` holds `[H, W, C]`, `destination` receives
  /// `[OH, OW, C]`.
  ///
  /// Twin: `mnq_max_pool_s8` in `CRuntime`. Change both or neither.
  package func run(input source: Span<Int8>, output destination: inout MutableSpan<Int8>) {
    precondition(source.count == input.count * channels)
    precondition(destination.count == output.count * channels)

    for outY in 0..<output.height {
      for outX in 0..<output.width {
        let window = Window(
          outY: outY, outX: outX, input: input, kernel: kernel, stride: stride, padding: padding)
        for c in 0..<channels {
          var largest = Int8.min
          for ky in window.tapsY {
            let row = (window.originY + ky) * input.width + window.originX
            for kx in window.tapsX { largest = max(largest, source[(row + kx) * channels + c]) }
          }
          destination[(outY * output.width + outX) * channels + c] =
            Int8(Int32(largest).clamped(to: clamp))
        }
      }
    }
  }
}
