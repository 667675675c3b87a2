package import QuantizedIR
internal import Tensors

/// A quantized model with its weights packed for the fastest kernels of this machine.
///
/// Threads share it; each runs it in a `HostArena` of its own. Every byte is as `Engine`
/// defines it.
package final class HostModel: Sendable {
  /// What the kernels run.
  package let model: QuantizedModel
  let plan: MemoryPlan
  /// In execution order.
  let steps: [Step]
  /// The most working memory that a kernel needs.
  let scratchBytes: Int
  /// Owns what `steps` point into. Written by `init` alone, so that threads may share it.
  nonisolated(unsafe) private let memory: PackedMemory

  /// One layer: its kernel, where its operands lie, and over how many images it runs. Nothing in it
  /// is counted by reference, since all of it is copied on every run.
  struct Step: @unchecked Sendable {
    let kernel: HostKernel
    let a: Operand
    /// `a` where there is one operand.
    let b: Operand
    /// Offset in the arena.
    let output: Int
    let outputBytes: Int
    let images: Int
  }

  /// Where an operand lies, and how many bytes of it belong to one image.
  struct Operand {
    let place: Place
    let imageBytes: Int
  }

  enum Place {
    case arena(offset: Int)
    case constant(UnsafePointer<Int8>)
  }

  /// Packs `model`, which passed the checks of its file format or comes from the quantizer.
  package init(_ model: QuantizedModel) {
    let plan = MemoryPlan(model, model.layers.map(\.operation.hostMemory))
    let memory = PackedMemory()
    steps = model.layers.map { Step($0, model, plan, memory) }
    scratchBytes = steps.map(\.kernel.scratchBytes).max() ?? 0
    self.model = model
    self.plan = plan
    self.memory = memory
  }
}

extension HostModel.Step {
  fileprivate init(
    _ layer: Layer, _ model: QuantizedModel, _ plan: MemoryPlan, _ memory: PackedMemory
  ) {
    let counts = layer.operation.byteCounts
    let constants = layer.inputs.map { model.tensors[model.storage(of: $0)].constant?.values }
    let all = zip(layer.inputs, counts.inputs).enumerated().map { index, input in
      HostModel.Operand(
        place: plan.offsets[input.0].map { .arena(offset: $0) }
          ?? .constant(memory.address(of: constants[index] ?? [])),
        imageBytes: input.1)
    }
    let operands: [HostModel.Operand]
    if let table = layer.operation.table(constants) {
      kernel = .lookup(memory.address(of: table), count: counts.output)
      operands = all.indices.filter { constants[$0] == nil }.map { all[$0] }
    } else {
      kernel = layer.hardSwishKernel(model, memory) ?? layer.operation.hostKernel(memory)
      operands = all
    }
    a = operands[0]
    b = operands[operands.count - 1]
    output = plan.offset(of: layer.output)
    outputBytes = counts.output
    images = model.tensors[layer.output].byteCount / counts.output
  }
}

extension Layer {
  /// See `Lookup.hardSwishKernel`.
  fileprivate func hardSwishKernel(
    _ model: QuantizedModel, _ memory: PackedMemory
  ) -> HostKernel? {
    guard case .lookup(let lookup) = operation else { return nil }
    return lookup.hardSwishKernel(
      memory, input: model.tensors[inputs[0]], output: model.tensors[output])
  }
}

extension MemoryPlan {
  /// The arena offset of an activation.
  func offset(of tensor: Int) -> Int {
    guard let offset = offsets[tensor] else {
      preconditionFailure("tensor \(tensor) is a constant, not an activation")
    }
    return offset
  }
}
