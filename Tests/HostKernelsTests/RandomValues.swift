import Tensors

extension SplitMix64 {
  /// `count` values, spread evenly over -4 ..< 4.
  mutating func floats(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float(Int64(bitPattern: next()) >> 40) * 0x1p-21 }
  }
}
