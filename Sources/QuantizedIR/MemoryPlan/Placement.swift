/// Byte offsets for buffer groups such that two that are alive together never overlap.
struct Placement {
  let groups: [BufferGroup]
  let offsets: [Int]
  let arenaBytes: Int

  /// The smallest arena over several orders of placing; each buffer goes to the lowest gap that
  /// holds it.
  static func best(_ groups: [BufferGroup]) -> Placement {
    let orders: [(BufferGroup, BufferGroup) -> Bool] = [
      { ($0.bytes, $0.steps.count) > ($1.bytes, $1.steps.count) },
      { ($0.steps.count, $0.bytes) > ($1.steps.count, $1.bytes) },
      { $0.bytes * $0.steps.count > $1.bytes * $1.steps.count },
      { ($0.steps.lowerBound, $1.bytes) < ($1.steps.lowerBound, $0.bytes) },
    ]
    let bound = BufferGroup.peakBytes(groups)
    var best = Placement(placing: groups)
    for order in orders where best.arenaBytes > bound {
      let candidate = Placement(placing: groups.sorted(by: order))
      if candidate.arenaBytes < best.arenaBytes { best = candidate }
    }
    return best
  }

  /// Places `groups` in the order given.
  private init(placing groups: [BufferGroup]) {
    var offsets: [Int] = []
    for group in groups {
      let neighbors = zip(groups, offsets).filter { $0.0.steps.overlaps(group.steps) }
      var offset = 0
      for (neighbor, start) in neighbors.sorted(by: { $0.1 < $1.1 }) {
        if offset + group.bytes <= start { break }
        offset = max(offset, start + neighbor.bytes)
      }
      offsets.append(offset)
    }
    self.groups = groups
    self.offsets = offsets
    arenaBytes = zip(groups, offsets).map { $0.bytes + $1 }.max() ?? 0
  }
}
