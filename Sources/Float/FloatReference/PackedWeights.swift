/// Weights as a kernel reads them, from the beginning of a cache line: a vector that lies in two lines
/// takes twice as long to load.
final class PackedWeights: Sendable {
  nonisolated(unsafe) let values: UnsafePointer<Float>

  /// Memory for `count` values, which `pack` writes.
  init(count: Int, pack: (UnsafeMutablePointer<Float>) -> Void) {
    let memory = UnsafeMutablePointer<Float>.allocateLines(count: count)
    pack(memory)
    values = UnsafePointer(memory)
  }

  deinit { values.deallocate() }
}

extension UnsafeMutablePointer<Float> {
  /// `count` zeros, from the beginning of a cache line.
  static func allocateLines(count: Int) -> Self {
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: 64)
    return bytes.initializeMemory(as: Float.self, repeating: 0, count: count)
  }
}
