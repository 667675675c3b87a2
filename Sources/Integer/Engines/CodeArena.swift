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

  /// The output codes for the input codes of `model.inputShape`. Where the model has several of
  /// either, their codes follow one another.
  package mutating func run(_ input: [Int8]) -> [Int8] {
    run(input) { _, _ in }
  }

  /// As `run(_:)`; `observe` sees the index of each of the bound model's layers and its output codes,
  /// as bytes, before they are overwritten.
  package mutating func run(
    _ input: [Int8], observe: (Int, UnsafeBufferPointer<Int8>) -> Void
  ) -> [Int8] {
    precondition(input.count == bound.inputs.reduce(0) { $0 + $1.count })
    input.withUnsafeBufferPointer { codes in
      var start = 0
      for place in bound.inputs {
        let target = UnsafeMutableBufferPointer(start: bytes + place.offset, count: place.count)
        _ = target.update(from: codes[start..<start + place.count])
        start += place.count
      }
    }
    for step in bound.steps {
      step.kernel.run(
        images: step.images, operand(step.a), operand(step.b), bytes + step.output,
        outputBytes: step.outputBytes, scratch: bytes + step.scratch)
      guard let finished = step.finished else { continue }
      observe(
        finished.layer,
        UnsafeBufferPointer(start: bytes + finished.offset, count: finished.count))
    }
    return bound.outputs.flatMap {
      UnsafeBufferPointer(start: address($0.place), count: $0.count)
    }
  }

  /// The codes of every tensor, by tensor index, as bytes; constants and inputs included. A tensor
  /// that several layers fill is as the last of them leaves it.
  package mutating func activations(_ input: [Int8]) -> [[Int8]] {
    let model = bound.model
    var values = model.tensors.map { $0.constant?.values ?? [] }
    var start = 0
    for tensor in model.inputs {
      let end = start + model.tensors[tensor].shape.count
      values[tensor] = Array(input[start..<end])
      start = end
    }
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
