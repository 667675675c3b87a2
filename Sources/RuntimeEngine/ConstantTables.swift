internal import QuantizedIR

/// Copies of a model's constants and layer structs at addresses that do not move, for C to read.
final class ConstantTables {
  private var allocations: [UnsafeMutableRawPointer] = []

  deinit {
    for allocation in allocations { allocation.deallocate() }
  }

  /// The address of a copy of `constants`.
  func address<Element>(of constants: Constants<Element>) -> UnsafePointer<Element> {
    let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(1, constants.count))
    _ = copy.initialize(from: constants.values)
    return register(copy)
  }

  /// The address of a copy of a layer's struct.
  func address<Layer>(of layer: Layer) -> UnsafePointer<Layer> {
    let copy = UnsafeMutableBufferPointer<Layer>.allocate(capacity: 1)
    copy.initialize(repeating: layer)
    return register(copy)
  }

  private func register<Element>(
    _ copy: UnsafeMutableBufferPointer<Element>
  ) -> UnsafePointer<Element> {
    guard let base = copy.baseAddress else { preconditionFailure("an allocation has an address") }
    allocations.append(UnsafeMutableRawPointer(base))
    return UnsafePointer(base)
  }
}
