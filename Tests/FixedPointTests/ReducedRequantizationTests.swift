import FixedPoint
import Testing

/// Requantization with a mantissa of 15 bits.
@Suite struct ReducedRequantizationTests {
  struct Row {
    let accumulator: Int32
    let multiplier: Int32
    let shift: Int32
    let expected: Int32

    init(_ accumulator: Int32, _ multiplier: Int32, _ shift: Int32, _ expected: Int32) {
      self.accumulator = accumulator
      self.multiplier = multiplier
      self.shift = shift
      self.expected = expected
    }
  }

  /// Worked out by hand from TensorFlow Lite's formula.
  static let rows: [Row] = [
    // A mantissa of 2^14, and ties go up.
    Row(3, 0x4000_0000, 0, 2), Row(-3, 0x4000_0000, 0, -1), Row(-1, 0x4000_0000, 0, 0),
    Row(1, 0x4000_0000, -1, 0), Row(2, 0x4000_0000, -1, 1),
    // The largest mantissa stays below 1.
    Row(0x4000_0000, .max, 0, 0x3FFF_8000), Row(.min, .max, 0, -0x7FFF_0000),
    // 0x7FFE_8000 rounds up to 0x7FFF.
    Row(0x8000, 0x7FFE_8000, 0, 0x7FFF), Row(0x8000, 0x7FFE_7FFF, 0, 0x7FFE),
    // The ends of the shift.
    Row(100, 0x4000_0000, 14, 819_200), Row(.max, 0x4000_0000, -31, 0),
  ]

  @Test(arguments: rows)
  func givesTheFormula(_ row: Row) {
    let factor = Requantization(multiplier: row.multiplier, shift: row.shift)
    #expect(factor.reduced(row.accumulator) == row.expected)
  }
}
