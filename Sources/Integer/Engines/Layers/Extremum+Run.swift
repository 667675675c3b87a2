package import QuantizedIR

extension Extremum: PlainLayer {
  /// Chooses between two operands of one image.
  ///
  /// Twin: `mnq_extremum_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ a: Span<Int8>, _ b: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
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

extension Extremum: HostLayer {
  func over(_ broadcast: Broadcast) -> (any PlainLayer)? {
    var layer = self
    layer.broadcast = broadcast
    return layer
  }
}
