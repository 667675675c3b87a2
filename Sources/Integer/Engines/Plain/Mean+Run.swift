internal import FixedPoint
package import QuantizedIR

extension Mean {
  /// Runs the layer on one image. `source` holds `[pixels, C]`, `destination` receives `[C]`.
  ///
  /// Twin: `mnq_mean_s8` in `CRuntime`. Change both or neither.
  package func run(input source: Span<Int8>, output destination: inout MutableSpan<Int8>) {
    run(source, &destination, codes: CodeWidth.int8.codes)
  }

  /// The same over codes of any width, to one of `codes`.
  func run<Code: FixedWidthInteger>(
    _ source: Span<Code>, _ destination: inout MutableSpan<Code>, codes: ClosedRange<Int32>
  ) {
    precondition(source.count == pixels * channels && destination.count == channels)
    for c in 0..<channels {
      var sum: Int32 = 0
      for pixel in 0..<pixels { sum &+= Int32(source[pixel * channels + c]) }
      let centered = sum &- inputZeroPoint &* Int32(pixels)
      let quantized = factor(centered, rounding: rounding) &+ outputZeroPoint
      destination[c] = Code(quantized.clamped(to: codes))
    }
  }
}
