internal import Tensors

/// What one buffer means for the place of another that is alive at the same time.
struct Neighbor: Hashable {
  enum Relation: Hashable {
    /// They may not share a byte.
    case apart
    /// The neighbor is an input that this buffer is written over.
    case input(Overlap)
    /// The neighbor is the output, written over this buffer.
    case output(Overlap)
  }

  /// Index of the other buffer.
  let buffer: Int
  let relation: Relation

  /// The neighbors of each buffer.
  static func all(
    _ buffers: [ArenaBuffer], _ model: QuantizedModel, _ memory: [KernelMemory]
  ) -> [[Neighbor]] {
    var neighbors = [[Neighbor]](repeating: [], count: buffers.count)
    for (index, earlier) in buffers.earlierOverlapping.enumerated() {
      for other in earlier {
        let overlap = overlap(of: buffers[index], over: buffers[other], model, memory)
        neighbors[index].append(
          Neighbor(buffer: other, relation: overlap.map(Relation.input) ?? .apart))
        neighbors[other].append(
          Neighbor(buffer: index, relation: overlap.map(Relation.output) ?? .apart))
      }
    }
    return neighbors
  }

  /// How `output` may lie over `input`; `nil` where all of `input` is needed later, or parts of it
  /// are written later.
  private static func overlap(
    of output: ArenaBuffer, over input: ArenaBuffer, _ model: QuantizedModel,
    _ memory: [KernelMemory]
  ) -> Overlap? {
    let first = output.steps.lowerBound, last = input.steps.upperBound
    guard first >= 0, last < model.layers.count, input.steps.lowerBound < first,
      let source = input.tensor, let target = output.tensor
    else { return nil }
    let steps = first...last
    func start(_ step: Int) -> Int? {
      model.layers[step].inputs.filter { model.storage(of: $0) == source }
        .map(model.start).min()
    }
    var overlap: Overlap?
    for step in steps {
      let layer = model.layers[step]
      guard model.storage(of: layer.output) != source else { return nil }
      guard model.storage(of: layer.output) == target else { continue }
      let begin = model.start(of: layer.output)
      let end = begin + model.tensors[layer.output].byteCount
      if let read = start(step) {
        let one = model.overlap(at: step, of: source, memory[step]).shifted(by: begin - read)
        overlap = overlap?.intersection(one) ?? one
      }
      if let needed = steps.dropFirst(step + 1 - first).compactMap(start).min() {
        guard needed > 0 else { return nil }
        let one = Overlap.trailing(distance: end - needed)
        overlap = overlap?.intersection(one) ?? one
      }
    }
    return overlap
  }

  /// The least offset, from `offset` on, at which `bytes` bytes do not disturb the neighbor, whose
  /// bytes are `place`. Offsets are multiples of the plan's alignment.
  func leastOffset(from offset: Int, bytes: Int, place: Range<Int>) -> Int {
    guard offset < place.upperBound, offset + bytes > place.lowerBound else { return offset }
    switch relation {
    case .apart, .input(.none), .output(.none):
      return place.upperBound
    case .input(.trailing(let distance)):
      return place.lowerBound - offset >= distance ? offset : place.upperBound
    case .output(.trailing(let distance)):
      let least = (place.lowerBound + distance).roundedUp(to: MemoryPlan.alignment)
      return min(max(offset, least), place.upperBound)
    case .input(.multiples(let unit)), .output(.multiples(let unit)):
      var candidate = offset
      while candidate < place.upperBound, (candidate - place.lowerBound) % unit != 0 {
        candidate += MemoryPlan.alignment
      }
      return candidate
    }
  }
}
