package import QuantizedIR

/// One operation packed for its fastest kernel, to run on many images without a model around it.
package final class HostLayer: Sendable {
  nonisolated(unsafe) private let kernel: HostKernel
  /// In bytes.
  private let counts: (inputs: [Int], output: Int)
  /// Owns what `kernel` points into. Written by `init` alone, so that threads may share it.
  nonisolated(unsafe) private let memory: PackedMemory

  /// Packs `operation`, whose constants have the lengths that its geometry asks for.
  package init(_ operation: Operation) {
    let memory = PackedMemory()
    kernel = operation.hostKernel(memory)
    counts = operation.byteCounts
    self.memory = memory
  }

  /// The output codes for one image's codes of each input; 0 where the operation writes nothing.
  package func run(_ inputs: [[Int8]]) -> [Int8] {
    precondition(inputs.map(\.count) == counts.inputs)
    let scratch = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, kernel.scratchBytes), alignment: PackedMemory.alignment)
    defer { scratch.deallocate() }
    var output = [Int8](repeating: 0, count: counts.output)
    kernel.run(inputs[0], inputs[inputs.count - 1], &output, scratch: scratch)
    return output
  }
}
