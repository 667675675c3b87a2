/// Which parts of a sample a table covers: of `count` parts, shard `i` holds the sample's images
/// `i - 1`, `i - 1 + count`, `i - 1 + 2 * count` and so on.
package struct CalibrationShards: Hashable, Codable, Sendable {
  /// Parts in all, at least 1.
  package let count: Int
  /// Numbers of the parts covered, ascending, in `1 ... count`.
  package private(set) var done: [Int]

  /// Shard `index` of `count`.
  package init(_ index: Int, of count: Int) {
    precondition((1...Self.greatestCount).contains(count), "\(count) shards")
    precondition((1...count).contains(index), "shard \(index) of \(count)")
    self.count = count
    done = [index]
  }

  /// The whole sample in one run.
  package static let whole = CalibrationShards(1, of: 1)

  /// Numbers of the parts not covered.
  package var missing: [Int] { (1...count).filter { !done.contains($0) } }

  /// Positions in the sample of the images covered, ascending.
  package func positions(imageCount: Int) -> [Int] {
    (0..<imageCount).filter { done.contains($0 % count + 1) }
  }

  /// The most parts there can be.
  package static let greatestCount = 1 << 16

  /// Whether the numbers, which may come from a file, are possible.
  var isConsistent: Bool {
    (1...Self.greatestCount).contains(count) && !done.isEmpty && done == Set(done).sorted()
      && done.allSatisfy { (1...count).contains($0) }
  }

  /// Both together, which share no part; all parts together are the whole.
  func union(_ other: CalibrationShards) -> CalibrationShards {
    var union = self
    union.done = (done + other.done).sorted()
    return union.missing.isEmpty ? .whole : union
  }
}
