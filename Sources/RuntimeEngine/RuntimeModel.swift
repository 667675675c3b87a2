package import QuantizedIR
internal import Tensors

/// A quantized model bound to the C kernels and the memory plan that ship to boards, so that this
/// machine computes what firmware computes, at the speed of C.
package final class RuntimeModel: Sendable {
  /// What the kernels run.
  package let model: QuantizedModel
  /// Where each activation lies.
  package let plan: MemoryPlan
  /// In execution order.
  let steps: [Step]
  /// Owns what `steps` point into. Written by `init` alone, so that threads may share it.
  nonisolated(unsafe) private let tables: ConstantTables

  /// One layer: its kernel, where its operands lie, and over how many images it runs.
  struct Step: @unchecked Sendable {
    let kernel: Kernel
    let operands: [Operand]
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

  /// Binds `model`, which passed the checks of its file format or comes from the quantizer.
  ///
  /// - Parameter plan: Where its activations lie; `nil` for the smallest arena found.
  package init(_ model: QuantizedModel, plan: MemoryPlan? = nil) {
    let plan = plan ?? MemoryPlan(model)
    let tables = ConstantTables()
    steps = model.layers.map { layer in
      let counts = layer.operation.byteCounts
      let operands = zip(layer.inputs, counts.inputs).map { input, count in
        Operand(place: Self.place(of: input, model, plan, tables), imageBytes: count)
      }
      return Step(
        kernel: layer.operation.kernel(tables), operands: operands,
        output: Self.offset(of: layer.output, model, plan), outputBytes: counts.output,
        images: model.tensors[layer.output].byteCount / counts.output)
    }
    self.model = model
    self.plan = plan
    self.tables = tables
  }

  private static func place(
    of tensor: Int, _ model: QuantizedModel, _ plan: MemoryPlan, _ tables: ConstantTables
  ) -> Place {
    if let offset = plan.offsets[tensor] { return .arena(offset: offset) }
    return .constant(
      tables.address(of: model.tensors[model.storage(of: tensor)].constant ?? []))
  }

  /// The arena offset of an activation.
  static func offset(of tensor: Int, _ model: QuantizedModel, _ plan: MemoryPlan) -> Int {
    guard let offset = plan.offsets[tensor] else {
      preconditionFailure("'\(model.tensors[tensor].name)' is a constant, not an activation")
    }
    return offset
  }
}
