package import QuantizedIR

extension Absolute: PlainLayer {
  /// Twin: `mnq_absolute_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    precondition(source.count == count && destination.count == count)
    for index in 0..<count {
      destination[index] = Int8(min(abs(Int32(source[index]) - zeroPoint) + zeroPoint, 127))
    }
  }
}

extension Absolute: HostLayer {}
