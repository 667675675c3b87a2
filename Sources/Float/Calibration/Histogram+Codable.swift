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
