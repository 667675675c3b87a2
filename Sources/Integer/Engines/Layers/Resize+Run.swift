package import QuantizedIR
internal import Tensors

extension Resize: PlainLayer {
  /// Twin: `mnq_resize_s8` in `CRuntime`. Change both or neither.
  package func run(
    _ source: Span<Int8>, _: Span<Int8>, output destination: inout MutableSpan<Int8>
  ) {
    precondition(source.count == input.count * channels)
    precondition(destination.count == output.count * channels)
    let (rows, columns) = (rows.values, columns.values)
    for (outY, y) in rows.enumerated() {
      for (outX, x) in columns.enumerated() {
        let (down, right) = (y % Self.unit, x % Self.unit)
        let corner = (Int(y / Self.unit) * input.width + Int(x / Self.unit)) * channels
        let below = down == 0 ? 0 : input.width * channels
        let beside = right == 0 ? 0 : channels
        for c in corner..<corner + channels {
          let upper =
            (Self.unit - right) * Int32(source[c]) + right * Int32(source[c + beside])
          let lower =
            (Self.unit - right) * Int32(source[c + below])
            + right * Int32(source[c + below + beside])
          let sum = (Self.unit - down) * upper + down * lower
          let half: Int32 = sum > 0 ? 1 << 19 : -1 << 19
          destination[(outY * columns.count + outX) * channels + c - corner] =
            Int8((sum + half) / (1 << 20))
        }
      }
    }
  }
}

extension Resize: HostLayer {}
