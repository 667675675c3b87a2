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
