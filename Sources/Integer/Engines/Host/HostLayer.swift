internal import FixedPoint
package import QuantizedIR
internal import Tensors

/// A layer as this machine runs it fastest.
protocol HostLayer: PlainLayer {
  /// The kernel, with its struct and packed constants in `memory`; `nil` where the definition runs.
  func hostKernel(_ memory: PackedMemory) -> BoundKernel?

  /// The same for a layer between tensors whose scales and zero points may allow a faster one.
  func hostKernel(
    _ memory: PackedMemory, from input: QuantizedTensor, to output: QuantizedTensor
  ) -> BoundKernel?

  /// The same layer with its operands meeting as `broadcast` says; `nil` unless it works value by
  /// value on two.
  func over(_ broadcast: Broadcast) -> (any PlainLayer)?
}

extension HostLayer {
  func hostKernel(_ memory: PackedMemory) -> BoundKernel? { nil }

  func hostKernel(
    _ memory: PackedMemory, from input: QuantizedTensor, to output: QuantizedTensor
  ) -> BoundKernel? {
    hostKernel(memory)
  }

  func over(_ broadcast: Broadcast) -> (any PlainLayer)? { nil }
}

extension BoundModel {
  /// `model` with its weights packed for the fastest kernels of this machine.
  package static func host(_ model: QuantizedModel) -> BoundModel {
    let memory = PackedMemory()
    let kernels = model.layers.map { BoundKernel.host($0, model, memory) }
    let plan = MemoryPlan(
      model,
      zip(model.layers, kernels).map { layer, kernel in
        KernelMemory(
          overlaps: layer.operation.portableMemory.overlaps.map {
            kernel.worksInPlace && $0 != .none ? .inPlace : .none
          })
      })
    return BoundModel(model, kernels, plan, memory)
  }
}

extension BoundKernel {
  /// The fastest kernel of `layer`. Kernels work on whole vectors, so an output may take the place of
  /// an operand of its size at most; they have working memory of their own.
  fileprivate static func host(
    _ layer: Layer, _ model: QuantizedModel, _ memory: PackedMemory
  ) -> BoundKernel {
    let operation = layer.operation
    let constants = layer.inputs.map { model.tensors[model.storage(of: $0)].constant?.values }
    if let table = operation.table(constants) {
      return .lookup(
        table, count: operation.valueCounts.output, ofSecond: constants[0] != nil, memory)
    }
    let kernel = operation.layer.hostKernel(
      memory, from: model.tensors[layer.inputs[0]], to: model.tensors[layer.output])
    return kernel ?? .plain(operation, memory)
  }
}

extension Operation {
  /// What the operation makes of each code, from -128 up, where its other operand is one constant:
  /// such as `x + 3` on the way to a hard sigmoid. `nil` for anything else.
  ///
  /// - Parameter constants: By operand; `nil` for activations.
  fileprivate func table(_ constants: [[Int8]?]) -> [Int8]? {
    let single = constants.firstIndex { $0?.count == 1 }
    guard let single, constants.count == 2, valueCounts.inputs[1 - single] == valueCounts.output,
      let constant = constants[single], constants[1 - single] == nil
    else { return nil }
    let (one, all) = (Shape([1]), Shape([256]))
    guard let broadcast = single == 0 ? Broadcast(one, all) : Broadcast(all, one),
      let layer = layer.over(broadcast)
    else { return nil }
    let codes = Array(Int8.min...Int8.max)
    var table = [Int8](repeating: 0, count: codes.count)
    var span = table.mutableSpan
    if single == 0 {
      layer.run(constant.span, codes.span, output: &span)
    } else {
      layer.run(codes.span, constant.span, output: &span)
    }
    return table
  }
}
