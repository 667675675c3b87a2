package import QuantizedIR

extension PReLU: PlainLayer {
  /// Twin: `mnq_prelu_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    precondition(source.count == count && destination.count == count)
    var place = 0
    for index in 0..<count {
      destination[index] = code(source[index], place)
      place = place + 1 == alpha.count ? 0 : place + 1
    }
  }
}

extension PReLU: HostLayer {}
