internal import QuantizedIR

extension Lookup {
  /// The kernel.
  func hostKernel(_ memory: PackedMemory) -> HostKernel {
    .lookup(memory.address(of: table.values), count: count)
  }
}
