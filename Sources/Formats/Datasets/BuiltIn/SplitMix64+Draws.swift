internal import Tensors

/// Draws that spend bits in one fixed way: the standard library's may change how they do.
extension SplitMix64 {
  /// One of the unrelated sequences of a seed.
  init(seed: UInt64, stream: UInt64) {
    var scrambler = SplitMix64(seed: seed)
    scrambler = SplitMix64(seed: scrambler.next() ^ stream)
    self.init(seed: scrambler.next())
  }

  /// Uniform in `0 ..< 1`, in steps of 2^-53.
  mutating func unit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Uniform in `range`.
  mutating func real(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * unit()
  }

  /// Uniform in `0 ..< bound`, but for a bias below `bound / 2^64`.
  mutating func integer(below bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Nearly normal, mean 0, deviation 1, in steps of 1/4: heads among 64 coins less 32, over 4.
  mutating func bell() -> Double {
    Double(next().nonzeroBitCount - 32) / 4
  }

  /// A unit vector at a uniform angle, found without a sine: a point of the disc, scaled.
  mutating func direction() -> Point {
    while true {
      let point = Point(real(in: -1...1), real(in: -1...1))
      let square = point.squaredLength
      if square > 0x1p-8, square <= 1 { return point / square.squareRoot() }
    }
  }
}
