/// What kernels refer to: packed weights and layer structs at aligned addresses that do not move,
/// for C to read, and operations that run in plain Swift.
final class PackedMemory {
  private var allocations: [UnsafeMutableRawPointer] = []
  private var operations: [PlainOperation] = []

  /// What the fastest kernels like their memory to start at multiples of.
  static let alignment = 64

  deinit {
    for allocation in allocations { allocation.deallocate() }
  }

  /// Uninitialized memory.
  func bytes(_ count: Int) -> UnsafeMutableRawPointer {
    let allocation = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count), alignment: Self.alignment)
    allocations.append(allocation)
    return allocation
  }

  /// The address of a copy of `values`.
  func address<Element: BitwiseCopyable>(of values: [Element]) -> UnsafePointer<Element> {
    let copy = bytes(values.count * MemoryLayout<Element>.stride)
      .bindMemory(to: Element.self, capacity: values.count)
    copy.initialize(from: values, count: values.count)
    return UnsafePointer(copy)
  }

  /// A reference to `operation` that counts nothing.
  func keep(_ operation: PlainOperation) -> Unmanaged<PlainOperation> {
    operations.append(operation)
    return Unmanaged.passUnretained(operation)
  }
}
