import FixedPoint
import Testing

@Suite struct RequantizationTests {
  struct Row: Sendable {
    let accumulator: Int32
    let multiplier: Int32
    let shift: Int32
    /// In the order of `Rounding.allCases`.
    let expected: [Int32]
  }

  /// Worked by hand, ties first.
  static let rows: [Row] = [
    // 1.5 and -1.5 in the high multiply, which rounds ties up.
    Row(accumulator: 3, multiplier: 1 << 30, shift: 0, expected: [2, 2, 2]),
    Row(accumulator: -3, multiplier: 1 << 30, shift: 0, expected: [-1, -1, -2]),
    // 0.5 and -0.5.
    Row(accumulator: 1, multiplier: 1 << 30, shift: 0, expected: [1, 1, 1]),
    Row(accumulator: -1, multiplier: 1 << 30, shift: 0, expected: [0, 0, -1]),
    // -1.5 left to the shift, which rounds ties away from zero.
    Row(accumulator: -6, multiplier: 1 << 30, shift: -1, expected: [-2, -1, -2]),
    // 0.49: the high multiply makes 1 of 0.98, and half of 1 rounds up again.
    Row(accumulator: 1, multiplier: 2_104_533_975, shift: -1, expected: [1, 0, 0]),
    // Factors of 1 and 3.
    Row(accumulator: 7, multiplier: 1 << 30, shift: 1, expected: [7, 7, 7]),
    Row(accumulator: 5, multiplier: 3 << 29, shift: 2, expected: [15, 15, 15]),
    Row(accumulator: .max, multiplier: 1 << 30, shift: 0, expected: [1 << 30, 1 << 30, 1 << 30]),
    Row(accumulator: .min, multiplier: 1 << 30, shift: -31, expected: [-1, 0, -1]),
    Row(accumulator: 99, multiplier: 0, shift: 0, expected: [0, 0, 0]),
  ]

  @Test(arguments: rows)
  func roundsAsNamed(_ row: Row) {
    let requantization = Requantization(multiplier: row.multiplier, shift: row.shift)
    let found = Rounding.allCases.map { requantization(row.accumulator, rounding: $0) }
    #expect(found == row.expected)
  }

  @Test func shiftRoundsTiesAwayFromZero() {
    let rows: [(value: Int32, count: Int32, expected: Int32)] = [
      (5, 1, 3), (-5, 1, -3), (6, 2, 2), (-6, 2, -2), (7, 0, 7), (-7, 0, -7),
    ]
    for row in rows { #expect(row.value.roundedShiftRight(by: row.count) == row.expected) }
    #expect(Int32.max.roundedShiftRight(by: 31) == 1)
    #expect(Int32.min.roundedShiftRight(by: 31) == -1)
    #expect(Int32(1 << 30).roundedShiftRight(by: 31) == 1)
    #expect(Int32((1 << 30) - 1).roundedShiftRight(by: 31) == 0)
  }

  @Test func highMultiplySaturates() {
    #expect(Int32.min.highMultiplied(by: .min) == .max)
    #expect(Int32.min.highMultiplied(by: .max) == -Int32.max)
  }

  @Test func tableIsIndexedBySignedValue() {
    let table = LookupTable { $0 == .min ? 0 : -$0 }
    #expect(table[5] == -5)
    #expect(table[.min] == 0)
    #expect(table[.max] == -127)
  }
}
