internal import QuantizedIR
internal import Tensors

/// The memory in which one thread runs a `RuntimeModel`, as large as the board's.
package struct RuntimeArena: ~Copyable {
  private let runtime: RuntimeModel
  private let bytes: UnsafeMutablePointer<Int8>

  /// Memory for `runtime`.
  package init(_ runtime: RuntimeModel) {
    self.runtime = runtime
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, runtime.plan.arenaBytes), alignment: 16)
    bytes = memory.initializeMemory(
      as: Int8.self, repeating: 0, count: max(1, runtime.plan.arenaBytes))
  }

  deinit { bytes.deallocate() }

  /// The output codes for the input codes of `model.inputTensor.shape`.
  package mutating func run(_ input: [Int8]) -> [Int8] {
    run(input) { _, _ in }
  }

  /// As `run(_:)`; `observe` sees each layer's index and output codes before they are overwritten.
  package mutating func run(
    _ input: [Int8], observe: (Int, UnsafeBufferPointer<Int8>) -> Void
  ) -> [Int8] {
    let model = runtime.model
    precondition(input.count == model.inputTensor.shape.count)
    let source = RuntimeModel.offset(of: model.input, model, runtime.plan)
    for (index, code) in input.enumerated() { bytes[source + index] = code }
    for (layer, step) in runtime.steps.enumerated() {
      for image in 0..<step.images { run(step, image: image) }
      observe(
        layer,
        UnsafeBufferPointer(start: bytes + step.output, count: step.outputBytes * step.images))
    }
    let result = RuntimeModel.offset(of: model.output, model, runtime.plan)
    return Array(
      UnsafeBufferPointer(start: bytes + result, count: model.outputTensor.shape.count))
  }

  private func run(_ step: RuntimeModel.Step, image: Int) {
    func address(_ operand: RuntimeModel.Operand) -> UnsafePointer<Int8> {
      switch operand.place {
      case .arena(let offset): UnsafePointer(bytes + offset + image * operand.imageBytes)
      case .constant(let values): values + image * operand.imageBytes
      }
    }
    step.kernel.run(
      address(step.operands[0]), address(step.operands[step.operands.count - 1]),
      bytes + step.output + image * step.outputBytes)
  }
}
