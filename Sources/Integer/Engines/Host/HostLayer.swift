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

  /// The output codes for the codes of each input, image after image where the tensors hold
  /// several; 0 where the operation writes nothing.
  package func run(_ inputs: [[Int8]]) -> [Int8] {
    let images = inputs[0].count / counts.inputs[0]
    precondition(inputs.map(\.count) == counts.inputs.map { $0 * images })
    let scratch = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, kernel.scratchBytes), alignment: PackedMemory.alignment)
    defer { scratch.deallocate() }
    let last = inputs.count - 1
    var output = [Int8](repeating: 0, count: counts.output * images)
    output.withUnsafeMutableBufferPointer { output in
      inputs[0].withUnsafeBufferPointer { a in
        inputs[last].withUnsafeBufferPointer { b in
          guard let a = a.baseAddress, let b = b.baseAddress, let output = output.baseAddress else {
            return
          }
          for image in 0..<images {
            kernel.run(
              a + image * counts.inputs[0], b + image * counts.inputs[last],
              output + image * counts.output, scratch: scratch)
          }
        }
      }
    }
    return output
  }
}
