internal import Tensors

/// Where each activation lies in the arena: buffers that are not alive together share bytes.
package struct MemoryPlan: Hashable, Sendable {
  /// The byte offset of each tensor's buffer, by tensor index; `nil` for constants.
  package let offsets: [Int?]
  /// The byte offset of the working memory of each layer; `nil` for layers without.
  package let scratch: [Int?]
  /// Size of the arena in bytes, input and output included.
  package let arenaBytes: Int
  /// The most bytes that are alive at one step: no plan with disjoint buffers is smaller.
  package let lowerBound: Int

  /// Buffers start at multiples of this many bytes.
  package static let alignment = 4

  /// Plans the arena of `model`.
  ///
  /// - Parameter scratchBytes: The working memory of each layer's kernel; empty where none needs any.
  package init(_ model: QuantizedModel, scratchBytes: [Int] = []) {
    precondition(scratchBytes.isEmpty || scratchBytes.count == model.layers.count)
    let groups = BufferGroup.all(in: model) + BufferGroup.scratch(scratchBytes)
    let placed = Placement.best(groups)
    var offsets = [Int?](repeating: nil, count: model.tensors.count)
    var scratch = [Int?](repeating: nil, count: model.layers.count)
    for (group, offset) in zip(placed.groups, placed.offsets) {
      if group.tensors.isEmpty { scratch[group.steps.lowerBound] = offset }
      for tensor in group.tensors { offsets[tensor] = offset }
    }
    for tensor in model.tensors.indices where model.tensors[tensor].constant == nil {
      offsets[tensor] = offsets[model.storage(of: tensor)]
    }
    self.offsets = offsets
    self.scratch = scratch
    arenaBytes = placed.arenaBytes
    lowerBound = BufferGroup.peakBytes(groups)
  }

  /// A plan with the offsets given, made elsewhere; `fault(in:)` judges it.
  package init(_ model: QuantizedModel, offsets: [Int?]) {
    self.offsets = offsets
    scratch = model.layers.map { _ in nil }
    arenaBytes = zip(model.tensors, offsets).map { $0.shape.count + ($1 ?? 0) }.max() ?? 0
    lowerBound = BufferGroup.peakBytes(BufferGroup.all(in: model))
  }
}
