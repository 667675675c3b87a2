import HostKernels
import Tensors
import Testing

/// Sums over float values and codes: both twins against sums in double.
struct SignalTests {
  @Test(arguments: [0, 1, 7, 8, 9, 1023, 1024, 1025, 5000])
  func equalsSumsInDouble(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let codes = random.int8s(count)
    let real = codes.map { (Float($0) + 3) * 0.05 + Float.random(in: -0.3...0.3, using: &random) }
    var steps = mnqh_signal_steps(scale: 0.05, zero_point: -3, lowest: -6, highest: 6)
    var expected = [0.0, 0, 0, 0]
    for (x, code) in zip(real, codes) {
      let (x, q) = (Double(x), Double(Float(Int32(code) + 3) * 0.05))
      for (index, term) in [x * x, q * q, (x - q) * (x - q), x * q].enumerated() {
        expected[index] += term
      }
    }
    let outside = real.count { $0 < -6 || $0 > 6 }
    for scalar in [false, true] {
      var sums = mnqh_signal_sums()
      if scalar {
        mnqh_add_signal_scalar(&steps, count, real, codes, &sums)
      } else {
        mnqh_add_signal(&steps, count, real, codes, &sums)
      }
      let found = [sums.signal, sums.quantized, sums.noise, sums.product]
      for (sum, expected) in zip(found, expected) {
        #expect(abs(sum - expected) <= 1e-5 * max(1, abs(expected)), "scalar: \(scalar)")
      }
      #expect(sums.saturated == outside)
    }
  }
}
