/// The memory in which one thread runs a network, image after image.
package struct Arena: ~Copyable {
  private let storage: UnsafeMutableBufferPointer<Float>
  private let activationCount: Int

  /// Memory for `activations` values, a multiple of 16, that live side by side and `scratch` that a
  /// kernel needs.
  init(activations: Int, scratch: Int) {
    let count = activations + scratch
    storage = UnsafeMutableBufferPointer(start: .allocateLines(count: count), count: count)
    activationCount = activations
  }

  deinit { storage.deallocate() }

  func values(at place: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
    precondition(place.lowerBound >= 0 && place.upperBound <= activationCount)
    return UnsafeMutableBufferPointer(rebasing: storage[place])
  }

  var scratch: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: storage[activationCount...])
  }
}

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
