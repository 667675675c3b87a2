internal import Tensors

/// Where each activation lies in the arena: buffers that are not alive together share bytes, and so
/// do those that a kernel may write over what it has read.
package struct MemoryPlan: Hashable, Sendable {
  /// The byte offset of each tensor's buffer, by tensor index; `nil` for constants.
  package let offsets: [Int?]
  /// The byte offset of the working memory of each layer; `nil` for layers without.
  package let scratch: [Int?]
  /// Size of the arena in bytes, input and output included.
  package let arenaBytes: Int
  /// No plan is smaller: the most bytes that are alive at one step, with the input and the output
  /// of its kernel as far over one another as they may be.
  package let lowerBound: Int

  /// Buffers start at multiples of this many bytes.
  package static let alignment = 4

  /// Plans the arena of `model`.
  ///
  /// - Parameters:
  ///   - memory: What the kernel of each layer asks; `nil` for the portable ones.
  ///   - goal: An arena that is small enough; the search stops there.
  package init(_ model: QuantizedModel, _ memory: [KernelMemory]? = nil, goal: Int = 0) {
    let memory = memory ?? model.portableMemory
    precondition(memory.count == model.layers.count)
    let buffers = ArenaBuffer.all(in: model, memory)
    let neighbors = Neighbor.all(buffers, model, memory)
    lowerBound = Self.leastBytes(buffers, neighbors, steps: model.layers.count).max() ?? 0
    let placed = Placement.best(buffers, neighbors, goal: max(lowerBound, goal))
    var offsets = [Int?](repeating: nil, count: model.tensors.count)
    var scratch = [Int?](repeating: nil, count: model.layers.count)
    for (buffer, offset) in zip(buffers, placed.offsets) {
      if let tensor = buffer.tensor {
        offsets[tensor] = offset
      } else {
        scratch[buffer.steps.lowerBound] = offset
      }
    }
    for tensor in model.tensors.indices where model.tensors[tensor].constant == nil {
      offsets[tensor] = offsets[model.storage(of: tensor)].map { $0 + model.start(of: tensor) }
    }
    self.offsets = offsets
    self.scratch = scratch
    arenaBytes = placed.arenaBytes
  }

  /// A plan with the offsets given, made elsewhere; `fault(in:)` judges it.
  package init(_ model: QuantizedModel, offsets: [Int?]) {
    self.offsets = offsets
    scratch = model.layers.map { _ in nil }
    arenaBytes = zip(model.tensors, offsets).map { $0.byteCount + ($1 ?? 0) }.max() ?? 0
    lowerBound = 0
  }

  /// The bytes that any plan needs while each layer runs, and `lowerBound` as the largest of them.
  package static func leastBytes(
    _ model: QuantizedModel, _ memory: [KernelMemory]
  ) -> [Int] {
    let buffers = ArenaBuffer.all(in: model, memory)
    return leastBytes(
      buffers, Neighbor.all(buffers, model, memory), steps: model.layers.count)
  }

  /// For each layer, the bytes alive less those that outputs may share with inputs.
  private static func leastBytes(
    _ buffers: [ArenaBuffer], _ neighbors: [[Neighbor]], steps: Int
  ) -> [Int] {
    buffers.alive(during: steps).enumerated().map { step, alive in
      alive.reduce(0) { sum, buffer in
        sum + buffers[buffer].bytes - sharedBytes(buffer, at: step, buffers, neighbors)
      }
    }
  }

  /// How much of a buffer may lie over inputs that it is written over and that are alive at `step`.
  private static func sharedBytes(
    _ output: Int, at step: Int, _ buffers: [ArenaBuffer], _ neighbors: [[Neighbor]]
  ) -> Int {
    let bytes = buffers[output].bytes
    let shared = neighbors[output].reduce(0) { sum, neighbor in
      guard case .input(let overlap) = neighbor.relation,
        buffers[neighbor.buffer].steps.contains(step)
      else { return sum }
      return sum + overlap.sharedBytes(input: buffers[neighbor.buffer].bytes, output: bytes)
    }
    return min(shared, bytes)
  }
}
