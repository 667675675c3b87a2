internal import Tensors

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
    let highest = buffers.indices.filter { offsets[$0] + buffers[$0].bytes == arenaBytes }
    let one = buffers[highest[Int.random(in: highest.indices, using: &random)]]
    let first = max(0, one.steps.lowerBound - 3), last = one.steps.upperBound + 3
    let movable = order.indices.filter { buffers[order[$0]].steps.overlaps(first...last) }
    var order = order
    let buffer = order.remove(at: movable[Int.random(in: movable.indices, using: &random)])
    order.insert(
      buffer, at: min(movable[Int.random(in: movable.indices, using: &random)], order.count))
    return order
  }

  /// Places `buffers` in the order given.
  private init(_ order: [Int], _ buffers: [ArenaBuffer], _ neighbors: [[Neighbor]]) {
    var placed: [Int?] = buffers.map { _ in nil }
    for index in order {
      let bytes = buffers[index].bytes
      let around = neighbors[index].compactMap { neighbor in
        placed[neighbor.buffer].map { (neighbor, $0..<$0 + buffers[neighbor.buffer].bytes) }
      }
      var offset = 0
      var settled = false
      while !settled {
        let next = around.reduce(offset) { offset, entry in
          entry.0.leastOffset(from: offset, bytes: bytes, place: entry.1)
        }
        settled = next == offset
        offset = next
      }
      placed[index] = offset
      arenaBytes = max(arenaBytes, offset + bytes)
    }
    offsets = placed.map { $0 ?? 0 }
  }
}
