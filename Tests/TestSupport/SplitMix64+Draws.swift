package import Tensors

extension SplitMix64 {
  /// `count` real numbers, evenly spread.
  package mutating func floats(_ count: Int, in range: ClosedRange<Float>) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }

  /// `count` codes, evenly spread.
  package mutating func codes(
    _ count: Int, in range: ClosedRange<Int8> = .min ... .max
  ) -> [Int8] {
    (0..<count).map { _ in Int8.random(in: range, using: &self) }
  }
}

extension SplitMix64 {
  /// The numbers that belong to a name; see `Tests/Oracles/named_weights.py`.
  package init(named name: String) {
    // FNV-1a.
    let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    self.init(seed: 1 ^ hash)
  }

  /// `count` values that belong to a name, in steps of 2^-24 of `range`.
  package static func floats(
    _ name: String, _ count: Int, in range: ClosedRange<Double>
  ) -> [Float] {
    var random = SplitMix64(named: name)
    return (0..<count).map { _ in
      Float(
        range.lowerBound
          + (range.upperBound - range.lowerBound) * (Double(random.next() >> 40) * 0x1p-24))
    }
  }
}
