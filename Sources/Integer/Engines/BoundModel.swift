package import QuantizedIR
internal import Tensors

/// A network bound to kernels: what runs step by step, and where in an arena its operands lie.
///
/// `plain(_:)`, `host(_:)` and `board(_:)` bind one; all give the same bytes. Threads share it, and
/// each runs it in a `CodeArena` of its own.
package final class BoundModel: Sendable {
  /// What runs: a schedule's model for a board.
  package let model: QuantizedModel
  /// In execution order.
  package let steps: [Step]
  /// Bytes of an arena, the kernels' working memory included.
  package let arenaBytes: Int
  /// The arena offsets of the tensors that the caller fills, and their bytes; `nil` for one whose rows
  /// arrive while the network runs.
  let inputs: [(offset: Int?, count: Int)]
  /// The tensors that the caller reads, and their bytes.
  let outputs: [(place: Place, count: Int)]
  /// Owns what `steps` point into. Written before this is shared, never after.
  nonisolated(unsafe) private let memory: PackedMemory

  /// A kernel, where its operands lie, and over how many images it runs. Nothing in it is counted by
  /// reference, since all of it is copied on every run.
  package struct Step: Sendable {
    let kernel: BoundKernel
    package internal(set) var a: Operand
    /// `a` where there is one operand.
    package let b: Operand
    /// Arena offset.
    package let output: Int
    /// Of one image.
    package let outputBytes: Int
    package let images: Int
    /// Arena offset.
    package let scratch: Int
    /// The layer whose last step this is; `nil` where others follow.
    package let finished: Finished?
  }

  /// Where an operand lies, and how many bytes of it belong to one image.
  package struct Operand: Sendable {
    package let place: Place
    package let imageBytes: Int
  }

  package enum Place: @unchecked Sendable {
    case arena(offset: Int)
    case constant(UnsafePointer<Int8>)
    /// Among the codes that `CodeArena.run` is given.
    case image(offset: Int)
  }

  /// A layer's index, and where its output lies in the arena.
  package struct Finished: Sendable {
    package let layer: Int
    package let offset: Int
    package let count: Int
  }

  /// - Parameters:
  ///   - model: Passed the checks of its file format, or comes from the quantizer.
  ///   - plan: Where its activations lie in an arena of `arenaBytes`.
  init(
    _ model: QuantizedModel, _ steps: [Step], _ plan: MemoryPlan, arenaBytes: Int,
    _ memory: PackedMemory
  ) {
    self.model = model
    var arrived = 0
    self.steps = steps.map { step in
      guard case .image = step.a.place else { return step }
      defer { arrived += step.outputBytes }
      return step.reading(imageAt: arrived)
    }
    self.arenaBytes = arenaBytes
    inputs = model.inputs.map { (plan.offsets[$0], model.tensors[$0].shape.count) }
    outputs = model.outputs.map {
      (memory.place(of: $0, in: model, plan), model.tensors[$0].shape.count)
    }
    self.memory = memory
  }

  /// A step a layer, in an arena whose end is the working memory that all of them share.
  ///
  /// - Parameter kernels: One a layer.
  convenience init(
    _ model: QuantizedModel, _ kernels: [BoundKernel], _ plan: MemoryPlan, _ memory: PackedMemory
  ) {
    let unit = PackedMemory.alignment
    let scratch = (plan.arenaBytes + unit - 1) / unit * unit
    let steps = zip(model.layers, kernels).enumerated().map { index, bound in
      Step(bound.1, bound.0, index, model, plan, scratch: scratch, memory)
    }
    self.init(
      model, steps, plan, arenaBytes: scratch + (kernels.map(\.scratchBytes).max() ?? 0), memory)
  }

  /// Memory to run this in.
  package func makeArena() -> CodeArena { CodeArena(self) }

  /// `CodeArena.run(_:)` in an arena of its own.
  package func run(_ input: [Int8]) -> [Int8] {
    var arena = makeArena()
    return arena.run(input)
  }

  /// `CodeArena.activations(_:)` in an arena of its own.
  package func activations(_ input: [Int8]) -> [[Int8]] {
    var arena = makeArena()
    return arena.activations(input)
  }
}

extension BoundModel.Operand {
  /// The next row of the image, which an arrival reads, once its place is known.
  static let nextRow = BoundModel.Operand(place: .image(offset: 0), imageBytes: 0)
}

extension BoundModel.Step {
  fileprivate func reading(imageAt offset: Int) -> BoundModel.Step {
    var step = self
    step.a = BoundModel.Operand(place: .image(offset: offset), imageBytes: 0)
    return step
  }

  /// All images of a layer.
  fileprivate init(
    _ kernel: BoundKernel, _ layer: Layer, _ index: Int, _ model: QuantizedModel,
    _ plan: MemoryPlan, scratch: Int, _ memory: PackedMemory
  ) {
    let counts = layer.operation.byteCounts
    let operands = zip(layer.inputs, counts.inputs).map { tensor, bytes in
      BoundModel.Operand(place: memory.place(of: tensor, in: model, plan), imageBytes: bytes)
    }
    self.kernel = kernel
    a = operands.first ?? .nextRow
    b = operands.last ?? .nextRow
    output = plan.offset(of: layer.output)
    outputBytes = counts.output
    images = model.tensors[layer.output].byteCount / counts.output
    self.scratch = scratch
    finished = BoundModel.Finished(layer: index, in: model, plan)
  }
}

extension BoundModel.Finished {
  init(layer: Int, in model: QuantizedModel, _ plan: MemoryPlan) {
    let tensor = model.layers[layer].output
    self.init(
      layer: layer, offset: plan.offset(of: tensor), count: model.tensors[tensor].byteCount)
  }
}

extension PackedMemory {
  /// Where `tensor` lies: in the arena, or a copy of its values.
  fileprivate func place(
    of tensor: Int, in model: QuantizedModel, _ plan: MemoryPlan
  ) -> BoundModel.Place {
    if let offset = plan.offsets[tensor] { return .arena(offset: offset) }
    return .constant(address(of: model.tensors[model.storage(of: tensor)].constant?.values ?? []))
  }
}

extension MemoryPlan {
  /// The arena offset of an activation.
  fileprivate func offset(of tensor: Int) -> Int {
    guard let offset = offsets[tensor] else {
      preconditionFailure("tensor \(tensor) is a constant, not an activation")
    }
    return offset
  }
}

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
    return input.withUnsafeBufferPointer { run($0, observe: observe) }
  }

  private mutating func run(
    _ codes: UnsafeBufferPointer<Int8>, observe: (Int, UnsafeBufferPointer<Int8>) -> Void
  ) -> [Int8] {
    guard let image = codes.baseAddress else { preconditionFailure("an image has a code at least") }
    var start = 0
    for place in bound.inputs {
      if let offset = place.offset {
        let target = UnsafeMutableBufferPointer(start: bytes + offset, count: place.count)
        _ = target.update(from: codes[start..<start + place.count])
      }
      start += place.count
    }
    for step in bound.steps {
      step.kernel.run(
        images: step.images, operand(step.a, image), operand(step.b, image), bytes + step.output,
        outputBytes: step.outputBytes, scratch: bytes + step.scratch)
      guard let finished = step.finished else { continue }
      observe(
        finished.layer,
        UnsafeBufferPointer(start: bytes + finished.offset, count: finished.count))
    }
    return bound.outputs.flatMap {
      UnsafeBufferPointer(start: address($0.place, image), count: $0.count)
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

  private func operand(
    _ operand: BoundModel.Operand, _ image: UnsafePointer<Int8>
  ) -> BoundKernel.Operand {
    BoundKernel.Operand(start: address(operand.place, image), imageBytes: operand.imageBytes)
  }

  private func address(
    _ place: BoundModel.Place, _ image: UnsafePointer<Int8>
  ) -> UnsafePointer<Int8> {
    switch place {
    case .arena(let offset): UnsafePointer(bytes + offset)
    case .constant(let values): values
    case .image(let offset): image + offset
    }
  }
}
