import FixedPoint
import HostKernels
import Tensors
import Testing

struct RequantizeTests {
  @Test(arguments: Rounding.allCases)
  func equalsFixedPoint(rounding: Rounding) {
    var random = SplitMix64(seed: 1)
    let edges: [Int32] = [.min, .min + 1, -1 << 30, -3, -2, -1, 0, 1, 2, 3, 1 << 30, .max]
    for shift in Int32(-31)...30 {
      for multiplier in [0, 1 << 29, 1 << 30, .max, random.multiplier(orOne: [])] {
        let factor = Requantization(multiplier: multiplier, shift: shift)
        let accumulators = edges + (0..<100).map { _ in Int32(truncatingIfNeeded: random.next()) }
        let wrong = accumulators.first { accumulator in
          let product = mnqh_requantize(accumulator, multiplier, shift, rounding.rawValue)
          return product != factor(accumulator, rounding: rounding)
        }
        #expect(wrong == nil, "times \(multiplier) * 2^(\(shift) - 31)")
      }
    }
  }
}
