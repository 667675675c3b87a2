internal import QuantizedIR
internal import Tensors

/// The memory in which one thread runs a `BoundModel`.
package struct CodeArena: ~Copyable {
  private let bound: BoundModel
  private let bytes: UnsafeMutablePointer<Int8>

  init(_ bound: BoundModel) {
    self.bound = bound
    let count = max(1, bound.arenaBytes)
    bytes = UnsafeMutableRawPointer.allocate(
      byteCount: count, alignment: PackedMemory.alignment
    ).initializeMemory(as: Int8.self, repeating: 0, count: count)
  }

  deinit { bytes.deallocate() }

  /// The output codes for the input codes of `model.inputTensor.shape`.
  package mutating func run(_ input: [Int8]) -> [Int8] {
    run(input) { _, _ in }
  }

  /// As `run(_:)`; `observe` sees the index of each of the bound model's layers and its output codes,
  /// as bytes, before they are overwritten.
  package mutating func run(
    _ input: [Int8], observe: (Int, UnsafeBufferPointer<Int8>) -> Void
  ) -> [Int8] {
    precondition(input.count == bound.input.count)
    (bytes + bound.input.offset).update(from: input, count: input.count)
    for step in bound.steps {
      step.kernel.run(
        images: step.images, operand(step.a), operand(step.b), bytes + step.output,
        outputBytes: step.outputBytes, scratch: bytes + step.scratch)
      guard let finished = step.finished else { continue }
      observe(
        finished.layer,
        UnsafeBufferPointer(start: bytes + finished.offset, count: finished.count))
    }
    return Array(
      UnsafeBufferPointer(start: address(bound.output.place), count: bound.output.count))
  }

  /// The codes of every tensor, by tensor index, as bytes; constants and inputs included. A tensor
  /// that several layers fill is as the last of them leaves it.
  package mutating func activations(_ input: [Int8]) -> [[Int8]] {
    let model = bound.model
    var values = model.tensors.map { $0.constant?.values ?? [] }
    values[model.input] = input
    _ = run(input) { layer, codes in values[model.layers[layer].output] = Array(codes) }
    for index in values.indices { values[index] = values[model.storage(of: index)] }
    return values
  }

  private func operand(_ operand: BoundModel.Operand) -> BoundKernel.Operand {
    BoundKernel.Operand(start: address(operand.place), imageBytes: operand.imageBytes)
  }

  private func address(_ place: BoundModel.Place) -> UnsafePointer<Int8> {
    switch place {
    case .arena(let offset): UnsafePointer(bytes + offset)
    case .constant(let values): values
    }
  }
}
