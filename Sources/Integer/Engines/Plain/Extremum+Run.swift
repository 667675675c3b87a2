package import QuantizedIR

extension Extremum {
  /// Chooses between two operands of one image.
  ///
  /// Twin: `mnq_extremum_s8` in `CRuntime`. Change both or neither.
  package func run(a: Span<Int8>, b: Span<Int8>, output destination: inout MutableSpan<Int8>) {
    precondition(destination.count == broadcast.count)
    for (aIndex, bIndex, index) in broadcast.offsets {
      destination[index] =
        switch choice {
        case .maximum: max(a[aIndex], b[bIndex])
        case .minimum: min(a[aIndex], b[bIndex])
        }
    }
  }
}
