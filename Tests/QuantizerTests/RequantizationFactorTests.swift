import FixedPoint
import QuantizedIR
import Tensors
import Testing

@Suite struct RequantizationFactorTests {
  @Test(arguments: [0x1p-32, 0x1p-20, 0.1, 0.3, 0.5, 0.999_999_999_9, 1, 1.5, 3.75, 0x1.8p29])
  func encodesToOnePartIn2To31(factor: Double) throws {
    let encoded = try Requantization(factor: factor)
    let real =
      Double(encoded.multiplier)
      * Double(sign: .plus, exponent: Int(encoded.shift) - 31, significand: 1)
    #expect(abs(real - factor) <= factor * 0x1p-31)
    #expect(encoded.multiplier >= 1 << 30)
  }

  @Test(arguments: [0, 0x1p-33, 0x1p-60]) func tinyFactorsAreZero(factor: Double) throws {
    #expect(try Requantization(factor: factor) == Requantization(multiplier: 0, shift: 0))
  }

  @Test(arguments: [-0.5, 0x1p30, .nan, .infinity]) func rejects(factor: Double) {
    #expect(throws: FactorOutOfRange.self) { try Requantization(factor: factor) }
  }

  /// The mean's division: from 1 to 1/49, worked by TensorFlow Lite's rule.
  @Test func dividesByPixelCount() throws {
    let divided = try Requantization(factor: 1).divided(by: 49)
    // 1 is 2^30 at shift 1; 49 has 5 places below its top bit: 2^30 * 2^5 / 49, truncated.
    #expect(divided == Requantization(multiplier: 701_219_150, shift: -4))
  }
}
