internal import FixedPoint
package import QuantizedIR

extension Multiply {
  /// Multiplies two operands of one image.
  ///
  /// Twin: `mnq_multiply_s8` in `CRuntime`. Change both or neither.
  package func run(a: Span<Int8>, b: Span<Int8>, output destination: inout MutableSpan<Int8>) {
    run(a, b, &destination)
  }

  /// The same over codes of any width.
  func run<Code: FixedWidthInteger>(
    _ a: Span<Code>, _ b: Span<Code>, _ destination: inout MutableSpan<Code>
  ) {
    precondition(destination.count == broadcast.count)
    for (aIndex, bIndex, index) in broadcast.offsets {
      let product = (Int32(a[aIndex]) - aZeroPoint) &* (Int32(b[bIndex]) - bZeroPoint)
      let quantized = factor(product, rounding: rounding) &+ outputZeroPoint
      destination[index] = Code(quantized.clamped(to: clamp))
    }
  }
}
