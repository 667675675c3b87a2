internal import Tensors

/// Where each activation lies in the arena: buffers that are not alive together share bytes.
package struct MemoryPlan: Hashable, Sendable {
  /// The byte offset of each tensor's buffer, by tensor index; `nil` for constants.
  package let offsets: [Int?]
  /// Size of the arena in bytes, input and output included.
  package let arenaBytes: Int
  /// The most bytes that are alive at one step: no plan with disjoint buffers is smaller.
  package let lowerBound: Int

  /// Buffers start at multiples of this many bytes.
  package static let alignment = 4

  /// Plans the arena of `model`.
  package init(_ model: QuantizedModel) {
    let groups = BufferGroup.all(in: model)
    let placed = Placement.best(groups)
    var offsets = [Int?](repeating: nil, count: model.tensors.count)
    for (group, offset) in zip(placed.groups, placed.offsets) {
      for tensor in group.tensors { offsets[tensor] = offset }
    }
    for tensor in model.tensors.indices where model.tensors[tensor].constant == nil {
      offsets[tensor] = offsets[model.storage(of: tensor)]
    }
    self.offsets = offsets
    arenaBytes = placed.arenaBytes
    lowerBound = BufferGroup.peakBytes(groups)
  }

  /// A plan with the offsets given, made elsewhere; `fault(in:)` judges it.
  package init(_ model: QuantizedModel, offsets: [Int?]) {
    self.offsets = offsets
    arenaBytes = zip(model.tensors, offsets).map { $0.shape.count + ($1 ?? 0) }.max() ?? 0
    lowerBound = BufferGroup.peakBytes(BufferGroup.all(in: model))
  }
}
