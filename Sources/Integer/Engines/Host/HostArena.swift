internal import QuantizedIR
internal import Tensors

/// The memory in which one thread runs a `HostModel`.
package struct HostArena: ~Copyable {
  private let host: HostModel
  private let bytes: UnsafeMutablePointer<Int8>
  private let scratch: UnsafeMutableRawPointer

  /// Memory for `host`.
  package init(_ host: HostModel) {
    self.host = host
    let count = max(1, host.plan.arenaBytes)
    bytes = UnsafeMutableRawPointer.allocate(
      byteCount: count, alignment: PackedMemory.alignment
    ).initializeMemory(as: Int8.self, repeating: 0, count: count)
    scratch = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, host.scratchBytes), alignment: PackedMemory.alignment)
  }

  deinit {
    bytes.deallocate()
    scratch.deallocate()
  }

  /// The output codes for the input codes of `model.inputTensor.shape`.
  package mutating func run(_ input: [Int8]) -> [Int8] {
    run(input) { _, _ in }
  }

  /// As `run(_:)`; `observe` sees each layer's index and output codes before they are overwritten.
  package mutating func run(
    _ input: [Int8], observe: (Int, UnsafeBufferPointer<Int8>) -> Void
  ) -> [Int8] {
    let model = host.model
    precondition(input.count == model.inputTensor.shape.count)
    (bytes + host.plan.offset(of: model.input)).update(from: input, count: input.count)
    for (layer, step) in host.steps.enumerated() {
      for image in 0..<step.images { run(step, image: image) }
      observe(
        layer,
        UnsafeBufferPointer(start: bytes + step.output, count: step.outputBytes * step.images))
    }
    let result = host.plan.offset(of: model.output)
    return Array(
      UnsafeBufferPointer(start: bytes + result, count: model.outputTensor.shape.count))
  }

  private func run(_ step: HostModel.Step, image: Int) {
    func address(_ operand: HostModel.Operand) -> UnsafePointer<Int8> {
      switch operand.place {
      case .arena(let offset): UnsafePointer(bytes + offset + image * operand.imageBytes)
      case .constant(let values): values + image * operand.imageBytes
      }
    }
    step.kernel.run(
      address(step.a), address(step.b), bytes + step.output + image * step.outputBytes,
      scratch: scratch)
  }
}
