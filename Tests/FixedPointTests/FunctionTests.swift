import FixedPoint
import Foundation
import Testing

/// The integer functions against the real ones.
@Suite struct FunctionTests {
  @Test(arguments: [Int32(4), 5])
  func exponentialIsExact(integerBits: Int32) {
    let scale = exp2(Double(31 - integerBits))
    for raw in stride(from: Int32.min, through: 0, by: 999_983) {
      let expected = exp(Double(raw) / scale)
      let found = Double(raw.exponential(integerBits: integerBits)) * 0x1p-31
      #expect(abs(found - expected) < 3e-7, "exp(\(Double(raw) / scale))")
    }
    #expect(Int32(0).exponential(integerBits: integerBits) == .max)
  }

  @Test func reciprocalIsExact() {
    for raw in stride(from: Int32(0), through: .max - 999_983, by: 999_983) {
      let expected = 1 / (1 + Double(raw) * 0x1p-31)
      #expect(abs(Double(raw.reciprocalOfOnePlus) * 0x1p-31 - expected) < 2e-8)
    }
  }

  @Test func logisticIsExactAndSymmetric() {
    for raw in stride(from: -Int32.max, through: 0, by: 999_983) {
      let expected = 1 / (1 + exp(-Double(raw) * 0x1p-27))
      #expect(abs(Double(raw.logistic) * 0x1p-31 - expected) < 2e-7)
      #expect(raw == 0 || (-raw).logistic == .max - raw.logistic)
    }
  }

  @Test func hyperbolicTangentIsExactAndSymmetric() {
    for raw in stride(from: -Int32.max, through: 0, by: 999_983) {
      let found = Double(raw.hyperbolicTangent) * 0x1p-31
      #expect(abs(found - tanh(Double(raw) * 0x1p-27)) < 4e-7)
      #expect((-raw).hyperbolicTangent == -raw.hyperbolicTangent)
    }
  }

  /// Every code is the nearest or its neighbor, whatever the scale.
  @Test(arguments: [0.0005, 0.013, 0.05, 0.3]) func tanhCodesAreNear(scale: Double) throws {
    let exponent = Int32((scale * 0x1p27).exponent) + 1
    let mantissa = (scale * 0x1p27 / exp2(Double(exponent)) * 0x1p31).rounded()
    let factor = Requantization(multiplier: Int32(mantissa), shift: exponent)
    let radius = Int32(15 * exp2(Double(27 - exponent)))
    let function = TanhFunction(inputZeroPoint: -7, factor: factor, radius: radius)
    for code in Int8.min...Int8.max {
      let exact = 128 * tanh(scale * Double(Int(code) + 7))
      #expect(abs(Double(function(code)) - min(max(exact, -128), 127)) <= 0.51)
    }
  }

  /// The codes that LiteRT 2.3.0 puts one off the nearest, from scale 0.05 to 0.03.
  @Test func hardSwishIsOffByOneAsInTensorFlowLite() {
    let table = HardSwishFunction(
      inputZeroPoint: -10, outputZeroPoint: -115,
      outputFactor: Requantization(multiplier: 1_789_569_664, shift: -6),
      reluishFactor: Requantization(multiplier: 1_145_324_672, shift: 3))
    var differences: [Int8] = []
    for code in Int8.min...Int8.max {
      let x = 0.05 * Double(Int(code) + 10)
      let exact = x * min(max(x + 3, 0), 6) / 6 / 0.03 - 115
      let found = Double(table(code))
      #expect(abs(found - min(exact, 127)) <= 1)
      if found != min(exact.rounded(.toNearestOrAwayFromZero), 127) { differences.append(code) }
    }
    #expect(differences == [-52, 20, 32, 44])
  }
}
