internal import FixedPoint
package import QuantizedIR

extension Add {
  /// Adds two operands of one image.
  ///
  /// Twin: `mnq_add_s8` in `CRuntime`. Change both or neither.
  package func run(a: Span<Int8>, b: Span<Int8>, output destination: inout MutableSpan<Int8>) {
    run(a, b, &destination, leftShift: Self.leftShift)
  }

  /// The same over codes of any width.
  func run<Code: FixedWidthInteger>(
    _ a: Span<Code>, _ b: Span<Code>, _ destination: inout MutableSpan<Code>, leftShift: Int32
  ) {
    precondition(destination.count == broadcast.count)
    for (aIndex, bIndex, index) in broadcast.offsets {
      let left = (Int32(a[aIndex]) - aZeroPoint) << leftShift
      let right = (Int32(b[bIndex]) - bZeroPoint) << leftShift
      let sum = aFactor(left, rounding: rounding) &+ bFactor(right, rounding: rounding)
      let quantized = outputFactor(sum, rounding: rounding) &+ outputZeroPoint
      destination[index] = Code(quantized.clamped(to: clamp))
    }
  }
}
