internal import FixedPoint
package import QuantizedIR
internal import Tensors

extension AveragePool {
  /// Runs the layer on one image. `source` holds `[H, W, C]`, `destination` receives
  /// `[OH, OW, C]`.
  ///
  /// Twin: `mnq_average_pool_s8` in `CRuntime`. Change both or neither.
  package func run(input source: Span<Int8>, output destination: inout MutableSpan<Int8>) {
    precondition(source.count == input.count * channels)
    precondition(destination.count == output.count * channels)

    for outY in 0..<output.height {
      for outX in 0..<output.width {
        let window = Window(
          outY: outY, outX: outX, input: input, kernel: kernel, stride: stride, padding: padding)
        let count = Int32(max(1, window.tapsY.count * window.tapsX.count))
        for c in 0..<channels {
          var sum: Int32 = 0
          for ky in window.tapsY {
            let row = (window.originY + ky) * input.width + window.originX
            for kx in window.tapsX { sum &+= Int32(source[(row + kx) * channels + c]) }
          }
          // Division truncates, so half of the divisor moves ties away from zero.
          let average = (sum > 0 ? sum + count / 2 : sum - count / 2) / count
          destination[(outY * output.width + outX) * channels + c] = Int8(
            average.clamped(to: clamp))
        }
      }
    }
  }
}
