internal import Tensors

/// Where each activation lies in the arena: buffers that are not alive together share bytes, and so
/// do those that a kernel may write over what it has read.
package struct MemoryPlan: Hashable, Sendable {
  /// The byte offset of each tensor's buffer, by tensor index; `nil` for constants.
  package let offsets: [Int?]
  /// The byte offset of the working memory of each layer; `nil` for layers without.
  package let scratch: [Int?]
  /// Size of the arena in bytes, input and output included.
  package private(set) var arenaBytes: Int
  /// Where it is counted which rows of the image have come; `nil` where they do not come by rows.
  package private(set) var rowCounts: Int?
  /// No plan is smaller: the most bytes that are alive at one step, with the input and the output
  /// of its kernel as far over one another as they may be.
  package private(set) var lowerBound: Int

  /// What `rowCounts` takes: three words of 32 bits. Twin: `net_arrival`.
  package static let rowCountBytes = 12

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
        for step in buffer.spans.joined() { scratch[step] = offset }
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

  /// Adds room for `rowCounts` behind all buffers.
  package mutating func countRows() {
    rowCounts = arenaBytes
    arenaBytes += Self.rowCountBytes
    lowerBound += Self.rowCountBytes
  }

  /// Finds room for `rowCounts` beside the image, which lies whole in the arena, unless there is: what comes
  /// later may be written over it.
  package func countingRows(beside model: QuantizedModel) -> MemoryPlan {
    guard rowCounts == nil, model.takesRows, let start = offsets[model.inputs[0]] else {
      return self
    }
    var plan = self
    let end = (start + model.tensors[model.inputs[0]].byteCount).roundedUp(to: Self.alignment)
    let place = start >= Self.rowCountBytes ? 0 : end
    plan.rowCounts = place
    plan.arenaBytes = max(arenaBytes, place + Self.rowCountBytes)
    return plan
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
        buffers[neighbor.buffer].isAlive(at: step)
      else { return sum }
      return sum + overlap.sharedBytes(input: buffers[neighbor.buffer].bytes, output: bytes)
    }
    return min(shared, bytes)
  }
}

/// Byte offsets for buffers such that those alive together overlap only as their kernel allows.
struct Placement {
  /// One a buffer.
  private(set) var offsets: [Int]
  private(set) var arenaBytes = 0

  /// How many buffers are placed, again and again, where the first orders miss the goal.
  private static let attempts = 400_000

  /// The smallest arena over several orders of placing, and then over changes of the best of them
  /// until it meets `goal` or has not for long; each buffer goes to the lowest place that it may.
  static func best(_ buffers: [ArenaBuffer], _ neighbors: [[Neighbor]], goal: Int) -> Placement {
    var order = Array(buffers.indices)
    var best = Placement(order, buffers, neighbors)
    for candidate in orders(buffers) where best.arenaBytes > goal {
      let placement = Placement(candidate, buffers, neighbors)
      if placement.arenaBytes < best.arenaBytes { (order, best) = (candidate, placement) }
    }
    var random = SplitMix64(seed: 1)
    for _ in 0..<attempts / max(1, buffers.count) where best.arenaBytes > goal {
      let candidate = best.changed(order, buffers, using: &random)
      let placement = Placement(candidate, buffers, neighbors)
      if placement.arenaBytes <= best.arenaBytes { (order, best) = (candidate, placement) }
    }
    return best
  }

  private static func orders(_ buffers: [ArenaBuffer]) -> [[Int]] {
    let before: [(ArenaBuffer, ArenaBuffer) -> Bool] = [
      { ($0.bytes, $0.steps.count) > ($1.bytes, $1.steps.count) },
      { ($0.steps.count, $0.bytes) > ($1.steps.count, $1.bytes) },
      { $0.bytes * $0.steps.count > $1.bytes * $1.steps.count },
      { ($0.steps.lowerBound, $1.bytes) < ($1.steps.lowerBound, $0.bytes) },
      { ($0.steps.upperBound, $0.bytes) > ($1.steps.upperBound, $1.bytes) },
    ]
    return before.map { precedes in
      buffers.indices.sorted { precedes(buffers[$0], buffers[$1]) }
    }
  }

  /// `order` with one buffer that reaches the end of the arena, or is alive with one, placed at
  /// another time.
  private func changed(
    _ order: [Int], _ buffers: [ArenaBuffer], using random: inout SplitMix64
  ) -> [Int] {
    let highest = buffers.indices.lazy.filter { offsets[$0] + buffers[$0].bytes == arenaBytes }
    let steps = buffers[highest.drawn(using: &random)].steps
    let near = max(0, steps.lowerBound - 3)...steps.upperBound + 3
    let movable = order.indices.lazy.filter { buffers[order[$0]].steps.overlaps(near) }
    let (from, to) = (movable.drawn(using: &random), movable.drawn(using: &random))
    var changed = order
    let buffer = changed.remove(at: from)
    changed.insert(buffer, at: min(to, changed.count))
    return changed
  }

  /// Places `buffers` in the order given.
  private init(_ order: [Int], _ buffers: [ArenaBuffer], _ neighbors: [[Neighbor]]) {
    offsets = [Int](repeating: Self.unplaced, count: buffers.count)
    for index in order {
      let bytes = buffers[index].bytes
      var offset = 0
      var settled = false
      while !settled {
        // In place: of hundreds of thousands of placements, arrays of neighbors were most of the time.
        var next = offset
        for neighbor in neighbors[index] {
          let start = offsets[neighbor.buffer]
          guard start != Self.unplaced else { continue }
          next = neighbor.leastOffset(
            from: next, bytes: bytes, place: start..<start + buffers[neighbor.buffer].bytes)
        }
        settled = next == offset
        offset = next
      }
      offsets[index] = offset
      arenaBytes = max(arenaBytes, offset + bytes)
    }
  }

  /// Where a buffer is not yet placed.
  private static let unplaced = -1
}

extension Collection {
  /// One of the elements by chance; of a lazy collection, without an array of them.
  fileprivate func drawn(using random: inout SplitMix64) -> Element {
    self[index(startIndex, offsetBy: Int.random(in: 0..<count, using: &random))]
  }
}

extension MemoryPlan {
  /// The first layer that would read or write bytes that hold something else, as a sentence; `nil`
  /// where there is none.
  ///
  /// The check knows nothing of lifetimes: it notes for every byte of the arena which byte of which
  /// tensor was written there last, runs the schedule, and looks at each read. So a row of a ring that
  /// lies where another row is expected is none.
  ///
  /// - Parameters:
  ///   - memory: What the kernel of each layer asks; `nil` for the portable ones.
  ///   - contents: What tensors hold that are rows of others, as `ChainedModel` has it.
  package func fault(
    in model: QuantizedModel, _ memory: [KernelMemory]? = nil, contents: [Int: TensorPart] = [:]
  ) -> String? {
    let memory = memory ?? model.portableMemory
    var owners = ByteOwners(self, model, contents)
    guard model.inputs.allSatisfy({ owners.write($0) }) else {
      return "an input lies outside the arena"
    }
    for (step, layer) in model.layers.enumerated() {
      let work = scratch[step].map { $0..<$0 + memory[step].scratchBytes }
      guard work != nil || memory[step].scratchBytes == 0 else {
        return "layer '\(layer.name)' has no working memory"
      }
      if let work {
        guard work.upperBound <= arenaBytes else {
          return "layer '\(layer.name)' works outside the arena"
        }
        owners.clear(work)
      }
      guard layer.inputs.allSatisfy(owners.holds) else {
        return "layer '\(layer.name)' reads bytes that were overwritten"
      }
      guard let output = owners.bytes(layer.output) else {
        return "'\(layer.name)' writes a constant"
      }
      guard work?.overlaps(output) != true else {
        return "layer '\(layer.name)' writes over its working memory"
      }
      for input in layer.inputs {
        guard let range = owners.bytes(input), range.overlaps(output) else { continue }
        let distance = range.lowerBound - output.lowerBound
        guard model.overlap(at: step, of: input, memory[step]).allows(distance: distance) else {
          return "layer '\(layer.name)' writes over input that it still needs"
        }
      }
      guard owners.write(layer) else { return "'\(layer.name)' writes outside the arena" }
    }
    return model.outputs.allSatisfy(owners.holds) ? nil : "an output was overwritten"
  }
}

/// Which byte of which tensor was written to each byte of an arena last.
private struct ByteOwners {
  private let plan: MemoryPlan
  private let model: QuantizedModel
  private let contents: [Int: TensorPart]
  /// By byte: the tensor that owns the storage, and which of its bytes; -1 for none.
  private var owner: [Int]

  /// A tensor has fewer bytes.
  private static let tensorUnit = 1 << 32

  init(_ plan: MemoryPlan, _ model: QuantizedModel, _ contents: [Int: TensorPart]) {
    self.plan = plan
    self.model = model
    self.contents = contents
    owner = [Int](repeating: -1, count: plan.arenaBytes)
  }

  /// Where `tensor` lies; `nil` for a constant.
  func bytes(_ tensor: Int) -> Range<Int>? {
    plan.offsets[tensor].map { $0..<$0 + model.tensors[tensor].byteCount }
  }

  /// Where it lies, if that is in the arena and, for a part, in the bytes of its owner.
  private func place(_ tensor: Int) -> Range<Int>? {
    guard let range = bytes(tensor), let whole = bytes(model.storage(of: tensor)),
      range.lowerBound >= 0, range.upperBound <= owner.count,
      range.lowerBound >= whole.lowerBound, range.upperBound <= whole.upperBound
    else { return nil }
    return range
  }

  /// What stands for the first byte of `tensor`; the next follow.
  private func mark(_ tensor: Int) -> Int {
    let part =
      contents[tensor]
      ?? TensorPart(tensor: model.storage(of: tensor), start: model.start(of: tensor))
    return part.tensor * Self.tensorUnit + part.start
  }

  /// Whether all of `tensor` is there, as it was written.
  func holds(_ tensor: Int) -> Bool {
    guard bytes(tensor) != nil else {
      return model.tensors[model.storage(of: tensor)].constant != nil
    }
    guard let range = place(tensor) else { return false }
    let first = mark(tensor) - range.lowerBound
    return range.allSatisfy { owner[$0] == first + $0 }
  }

  /// Writes `tensor`; `false` where it is a constant or reaches outside the arena or its owner.
  mutating func write(_ tensor: Int) -> Bool {
    guard let range = place(tensor) else { return false }
    let first = mark(tensor) - range.lowerBound
    for byte in range { owner[byte] = first + byte }
    return true
  }

  /// Writes what `layer` writes of its output, the same.
  mutating func write(_ layer: Layer) -> Bool {
    guard layer.operation.traits.isPart else { return write(layer.output) }
    guard let range = place(layer.output) else { return false }
    let first = mark(layer.output) - range.lowerBound
    let bytes = model.tensors[layer.output].width.bytes
    let image = layer.operation.byteCounts.output
    for start in stride(from: range.lowerBound, to: range.upperBound, by: image) {
      layer.operation.traits.forEachPlace { place in
        for byte in start + place * bytes..<start + (place + 1) * bytes {
          owner[byte] = first + byte
        }
      }
    }
    return true
  }

  /// Leaves `range` to no tensor.
  mutating func clear(_ range: Range<Int>) {
    for byte in range { owner[byte] = -1 }
  }
}
