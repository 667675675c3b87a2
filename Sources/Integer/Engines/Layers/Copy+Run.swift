package import QuantizedIR

extension Copy: PlainLayer {
  /// Copies the values of one image. Where `fill` is `nil`, `destination` keeps the others.
  ///
  /// Twin: `mnq_copy_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    precondition(source.count == inputCount && destination.count == outputCount)
    if let fill {
      for index in 0..<outputCount { destination[index] = fill }
    }
    for i in 0..<shape[0] {
      for j in 0..<shape[1] {
        for k in 0..<shape[2] {
          let from =
            sourceStart + i * sourceStrides[0] + j * sourceStrides[1] + k * sourceStrides[2]
          let to =
            start + i * destinationStrides[0] + j * destinationStrides[1]
            + k * destinationStrides[2]
          for l in 0..<shape[3] {
            destination[to + l * destinationStrides[3]] = source[from + l * sourceStrides[3]]
          }
        }
      }
    }
  }
}

extension Copy: HostLayer {}
