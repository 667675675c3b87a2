/// Counts of values on a grid around 0 whose bins are `2^exponent` wide.
///
/// The exponent is the least that holds the largest magnitude seen, and bins only ever join in
/// pairs, so the counts depend on the values alone: not on their order, nor on how they were
/// divided among histograms that were merged later.
package struct Histogram: Hashable, Sendable {
  /// Bins on each side of 0.
  package static let reach = 2048

  /// Magnitudes below `reach * 2^leastExponent` share the finest grid.
  static let leastExponent = -60

  /// The grid's largest exponent: it holds every finite `Float`.
  static let greatestExponent = 117

  /// A bin is `2^exponent` wide, in units of the tensor.
  package private(set) var exponent = leastExponent

  /// One count a bin, `2 * reach` of them. Bin `reach + k` holds `k * width ..< (k + 1) * width`,
  /// bin `reach - 1 - k` holds the same interval with the sign bit set.
  package private(set) var counts = [Int](repeating: 0, count: 2 * reach)

  /// A histogram of nothing.
  package init() {}

  /// A histogram from its stored form.
  init(exponent: Int, counts: [Int]) {
    precondition(counts.count == 2 * Self.reach)
    self.exponent = exponent
    self.counts = counts
  }

  /// How many values were counted.
  package var total: Int { counts.reduce(0, +) }

  /// The width of a bin, in units of the tensor.
  package var width: Double { Double(sign: .plus, exponent: exponent, significand: 1) }

  /// The lower edge of `bin`, in units of the tensor.
  package func lowerEdge(_ bin: Int) -> Double { Double(bin - Self.reach) * width }

  /// The middle of `bin`, in units of the tensor.
  package func center(_ bin: Int) -> Double { lowerEdge(bin) + width / 2 }

  /// The share of all values outside `range`, to the width of a bin.
  package func share(outside range: ClosedRange<Double>) -> Double {
    let outside = counts.indices.filter { !range.contains(center($0)) }
    return Double(outside.reduce(0) { $0 + counts[$1] }) / Double(max(total, 1))
  }

  /// Counts `values`, all finite, whose magnitudes are at most `largest`.
  package mutating func add(_ values: Span<Float>, largest: Float) {
    widen(to: Self.exponent(holding: largest))
    let scale = Float(sign: .plus, exponent: -exponent, significand: 1)
    counts.withUnsafeMutableBufferPointer { counts in
      values.withUnsafeBufferPointer { values in
        for value in values {
          // The product is exact, or so small that its bin is the first in any case. Without a
          // branch: signs are what a processor cannot foresee.
          let sign = Int32(bitPattern: value.bitPattern) >> 31
          counts[Self.reach + Int(Int32(abs(value) * scale) ^ sign)] += 1
        }
      }
    }
  }

  /// Adds the counts of `other`, as if its values had been added one by one.
  package mutating func merge(_ other: Histogram) {
    var other = other
    widen(to: other.exponent)
    other.widen(to: exponent)
    for bin in counts.indices { counts[bin] += other.counts[bin] }
  }

  /// The least exponent whose grid holds `magnitude`.
  private static func exponent(holding magnitude: Float) -> Int {
    guard magnitude > 0 else { return leastExponent }
    // magnitude < 2^(e + 1) = reach * 2^(e + 1 - log2(reach)).
    return max(leastExponent, Int(magnitude.exponent) + 1 - reach.trailingZeroBitCount)
  }

  /// Joins bins until their width is `2^target`; does nothing where it is already.
  private mutating func widen(to target: Int) {
    guard target > exponent else { return }
    let shift = target - exponent
    var joined = [Int](repeating: 0, count: counts.count)
    for distance in 0..<Self.reach {
      joined[Self.reach + distance >> shift] += counts[Self.reach + distance]
      joined[Self.reach - 1 - distance >> shift] += counts[Self.reach - 1 - distance]
    }
    exponent = target
    counts = joined
  }
}

/// The stored form leaves out the empty bins at both ends.
extension Histogram: Codable {
  private enum Key: String, CodingKey {
    case exponent, firstBin, counts
  }

  package func encode(to encoder: any Encoder) throws {
    let first = counts.firstIndex { $0 > 0 } ?? 0
    let end = (counts.lastIndex { $0 > 0 } ?? -1) + 1
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(exponent, forKey: .exponent)
    try container.encode(first, forKey: .firstBin)
    try container.encode(Array(counts[first..<max(first, end)]), forKey: .counts)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let exponent = try container.decode(Int.self, forKey: .exponent)
    let first = try container.decode(Int.self, forKey: .firstBin)
    let stored = try container.decode([Int].self, forKey: .counts)
    let room = 2 * Self.reach
    guard (Self.leastExponent...Self.greatestExponent).contains(exponent),
      (0...room).contains(first), stored.count <= room - first,
      stored.allSatisfy({ (0...(1 << 40)).contains($0) })
    else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "a histogram with exponent \(exponent) and \(stored.count) bins from "
            + "bin \(first) on is not one of \(room) bins with counts of at least 0"))
    }
    let left = [Int](repeating: 0, count: first)
    let right = [Int](repeating: 0, count: room - first - stored.count)
    self.init(exponent: exponent, counts: left + stored + right)
  }
}
