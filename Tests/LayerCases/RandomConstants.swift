import FixedPoint
import QuantizedIR
import Tensors

/// Constants for a layer whose output stays mostly inside the codes.
struct RandomConstants {
  var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func weights(_ count: Int) -> Constants<Int8> {
    Constants((0..<count).map { _ in Int8.random(in: -127...127, using: &random) })
  }

  mutating func bias(_ count: Int, upTo largest: Int32 = 20_000) -> Constants<Int32> {
    Constants((0..<count).map { _ in Int32.random(in: -largest...largest, using: &random) })
  }

  mutating func multipliers(_ count: Int) -> Constants<Int32> {
    Constants(
      (0..<count).map { index in
        // Both ends of the mantissa and an exact power of two, then anything.
        switch index % 5 {
        case 0: 1 << 30
        case 1: .max
        default: Int32.random(in: 1 << 30 ... .max, using: &random)
        }
      })
  }

  /// Shifts that bring a sum of `taps` products to about 8 bits, with outliers.
  mutating func shifts(_ count: Int, taps: Int) -> Constants<Int8> {
    let bits = Int.bitWidth - (taps * 40).leadingZeroBitCount
    return Constants(
      (0..<count).map { index in
        switch index % 7 {
        case 5: -31
        case 6: 1
        default: Int8(-bits) + Int8.random(in: -2...1, using: &random)
        }
      })
  }

  mutating func requantization(_ shifts: ClosedRange<Int32>) -> Requantization {
    Requantization(
      multiplier: Int32.random(in: 1 << 30 ... .max, using: &random),
      shift: Int32.random(in: shifts, using: &random))
  }

  mutating func table() -> LookupTable {
    let values = weights(256)
    return LookupTable { values[Int($0) + 128] }
  }
}
