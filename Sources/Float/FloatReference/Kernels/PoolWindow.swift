internal import NetworkGraph
internal import Tensors

/// The pixels that a pooling looks at: padding counts for nothing.
struct PoolWindow: Sendable {
  private let pool: Operator.Pool
  private let input: Extent
  private let output: Extent

  init(_ pool: Operator.Pool, _ input: Shape, _ output: Shape) {
    self.pool = pool
    self.input = input.extent
    self.output = output.extent
  }

  /// Calls `body` for each output pixel with its index and those of the input pixels in its window.
  func run(_ body: (Int, [Int]) -> Void) {
    for outY in 0..<output.height {
      let rows = Self.covered(
        outY * pool.stride.height - pool.padding.top, pool.kernel.height, input.height)
      for outX in 0..<output.width {
        let columns = Self.covered(
          outX * pool.stride.width - pool.padding.left, pool.kernel.width, input.width)
        let pixels = rows.flatMap { row in columns.map { row * input.width + $0 } }
        body(outY * output.width + outX, pixels)
      }
    }
  }

  /// The part of `origin ..< origin + kernel` that lies in the image; empty where none does.
  private static func covered(_ origin: Int, _ kernel: Int, _ size: Int) -> Range<Int> {
    let first = min(max(origin, 0), size)
    return first..<max(first, min(origin + kernel, size))
  }
}
