internal import FixedPoint
package import QuantizedIR

extension Softmax: PlainLayer {
  /// Runs the layer on one row of `depth` values.
  ///
  /// Twin: `mnq_softmax_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    precondition(source.count == depth && destination.count == depth)
    var largest = Int8.min
    for i in 0..<depth { largest = max(largest, source[i]) }
    var sum: Int32 = 0
    for i in 0..<depth {
      sum += exponential(source[i], largest)?.roundedShiftRight(by: 12) ?? 0
    }
    // The largest value alone adds 1.0, so the sum has at most 12 leading zeros.
    let leadingZeros = Int32(sum.leadingZeroBitCount)
    let fraction = Int32(truncatingIfNeeded: (Int64(sum) << Int64(leadingZeros)) - (1 << 31))
    let reciprocal = fraction.reciprocalOfOnePlus
    // Beyond 31 places nothing but 0 is left.
    let places = 35 - leadingZeros
    for i in 0..<depth {
      guard let exponential = exponential(source[i], largest) else {
        destination[i] = .min
        continue
      }
      let product = reciprocal.highMultiplied(by: exponential)
      let quantized = (places > 31 ? 0 : product.roundedShiftRight(by: places)) - 128
      destination[i] = Int8(quantized.clamped(to: -128...127))
    }
  }

  /// `exp(value - largest)` in Q0.31; `nil` where it is 0 in 8 bits.
  private func exponential(_ value: Int8, _ largest: Int8) -> Int32? {
    let difference = Int32(value) - Int32(largest)
    guard difference >= smallestDifference else { return nil }
    return factor(difference).exponential(integerBits: 5)
  }
}

extension Softmax: HostLayer {}
