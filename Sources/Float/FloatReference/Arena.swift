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
