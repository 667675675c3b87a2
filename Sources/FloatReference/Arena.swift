/// The memory in which one thread runs a network, image after image.
package struct Arena: ~Copyable {
  private let storage: UnsafeMutableBufferPointer<Float>
  private let activationCount: Int

  /// Memory for `activations` values that live side by side and `scratch` that a kernel needs.
  init(activations: Int, scratch: Int) {
    storage = .allocate(capacity: activations + scratch)
    storage.initialize(repeating: 0)
    activationCount = activations
  }

  deinit { storage.deallocate() }

  func values(at offset: Int, count: Int) -> UnsafeMutableBufferPointer<Float> {
    precondition(offset >= 0 && offset + count <= activationCount)
    return UnsafeMutableBufferPointer(rebasing: storage[offset..<offset + count])
  }

  var scratch: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: storage[activationCount...])
  }
}
