import Tensors

/// Draws what networks are made of. The same seed gives the same on every machine.
struct Draw {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed &* 0x9E37_79B9 &+ 17) }

  /// A sequence of its own for part `number`: what other parts draw does not move it.
  init(seed: UInt64, part number: Int) {
    var outer = SplitMix64(seed: seed &* 1_000_003 &+ UInt64(number))
    random = SplitMix64(seed: outer.next())
  }

  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  mutating func real(_ range: ClosedRange<Double>) -> Double {
    Double.random(in: range, using: &random)
  }

  /// Whether something happens that does once in `times`.
  mutating func once(in times: Int) -> Bool { int(1...times) == 1 }

  mutating func one<Element>(of elements: [Element]) -> Element {
    elements[int(0...elements.count - 1)]
  }

  /// A number of channels: few as a rule, sometimes past the width of a vector.
  mutating func channels() -> Int {
    switch int(1...12) {
    case 1: one(of: [16, 17, 24, 33])
    case 2: 1
    default: int(1...9)
    }
  }

  /// Weights of `outputs` channels, each a sum of `taps`; some channels are dead, and rarely all.
  mutating func weights(outputs: Int, taps: Int) -> [Double] {
    let size = 1.7 / Double(taps).squareRoot()
    let isDead = once(in: 30)
    return (0..<outputs).flatMap { _ -> [Double] in
      let scale = isDead || once(in: 12) ? 0 : size * real(0.3...1.5)
      return (0..<taps).map { _ in Double(Float(scale * real(-1...1))) }
    }
  }

  /// One number a channel around `center`; now and then 0.
  mutating func numbers(_ count: Int, around center: Double, by spread: Double) -> [Double] {
    (0..<count).map { _ in
      once(in: 10) ? 0 : Double(Float(center + spread * real(-1...1)))
    }
  }

  /// Codes over all of int8, both ends among them.
  mutating func codes(_ count: Int) -> [Int8] {
    (0..<count).map { index in
      index % 19 == 0 ? one(of: [.min, .max]) : Int8(int(-128...127))
    }
  }
}
