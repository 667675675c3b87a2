extension Int32 {
  /// `self * 2^count`, saturated. `count` is in `0 ... 31`.
  ///
  /// Source: gemmlowp `SaturatingRoundingMultiplyByPOT`.
  @usableFromInline
  func saturatingShiftLeft(by count: Int32) -> Int32 {
    let shifted = Int64(self) << Int64(count)
    return Int32(Swift.min(Swift.max(shifted, Int64(Int32.min)), Int64(Int32.max)))
  }

  /// `exp(self)` in Q0.31, for `self` in `Q(integerBits).(31 - integerBits)`, not positive.
  ///
  /// The part below a quarter is a Taylor series around -1/8; each bit above it multiplies by a
  /// constant `exp(-2^bit)`.
  ///
  /// - Parameter integerBits: 1 ... 5.
  ///
  /// Source: gemmlowp `fixedpoint.h`, `exp_on_negative_values`.
  public func exponential(integerBits: Int32) -> Int32 {
    if self >= 0 { return .max }
    let fractionBits = 31 - integerBits
    let quarter: Int32 = 1 << (fractionBits - 2)
    let belowQuarter = (self & (quarter - 1)) - quarter
    let x = belowQuarter.saturatingShiftLeft(by: integerBits) + (1 << 28)
    let square = x.highMultiplied(by: x)
    let cube = square.highMultiplied(by: x)
    let fourth = square.highMultiplied(by: square)
    let third: Int32 = 715_827_883
    let tail = (fourth.roundedShiftRight(by: 2) + cube).highMultiplied(by: third) + square
    let exponentOfEighth: Int32 = 1_895_147_668
    var result =
      exponentOfEighth + exponentOfEighth.highMultiplied(by: x + tail.roundedShiftRight(by: 1))
    let remainder = belowQuarter - self
    for bit in -2..<integerBits where remainder & (1 << (fractionBits + bit)) != 0 {
      result = result.highMultiplied(by: Self.exponentOfMinusPower(bit))
    }
    return result
  }

  /// `exp(-2^bit)` in Q0.31. `bit` is in `-2 ... 4`.
  private static func exponentOfMinusPower(_ bit: Int32) -> Int32 {
    switch bit {
    case -2: 1_672_461_947
    case -1: 1_302_514_674
    case 0: 790_015_084
    case 1: 290_630_308
    case 2: 39_332_535
    case 3: 720_401
    default: 242
    }
  }
}

extension Int32 {
  /// `1 / (1 + self)` in Q0.31, for `self` in Q0.31, not negative.
  ///
  /// Source: gemmlowp `fixedpoint.h`, `one_over_one_plus_x_for_x_in_0_1`.
  public var reciprocalOfOnePlus: Int32 {
    doubleReciprocalOfOnePlus.saturatingShiftLeft(by: 1)
  }

  /// `2 / (1 + self)` in Q2.29, for `self` in Q0.31, not negative.
  ///
  /// Three steps of Newton's method from `48/17 - 32/17 * half`.
  var doubleReciprocalOfOnePlus: Int32 {
    let half = Int32((Int64(self) + Int64(Int32.max) + 1) / 2)
    let one: Int32 = 1 << 29
    var x: Int32 = 1_515_870_810 + half.highMultiplied(by: -1_010_580_540)
    for _ in 0..<3 {
      let error = one - half.highMultiplied(by: x)
      x += x.highMultiplied(by: error).saturatingShiftLeft(by: 2)
    }
    return x
  }

  /// `1 / (1 + exp(-self))` in Q0.31, for `self` in Q4.27.
  ///
  /// Source: gemmlowp `fixedpoint.h`, `logistic`.
  public var logistic: Int32 {
    if self == 0 { return 1 << 30 }
    let negative = self > 0 ? -self : self
    let result = negative.exponential(integerBits: 4).reciprocalOfOnePlus
    return self > 0 ? result : .max - result
  }
}

extension Requantization {
  /// `1 / √value`, of a value of 0 or 1 as near 1 as 31 bits say it: five steps of Newton's method in
  /// Q3.28 from 1, on a quarter or a half of a power of 4 times the value.
  ///
  /// - Parameter value: Not negative.
  ///
  /// Source: TensorFlow Lite `kernels/internal/common.h`, `GetInvSqrtQuantizedMultiplierExp`.
  public init(inverseRootOf value: Int32) {
    guard value > 1 else {
      self.init(multiplier: .max, shift: 0)
      return
    }
    var (input, places) = (value, Int32(11))
    while input >= 1 << 29 { (input, places) = (input / 4, places + 1) }
    while input < 1 << 27 { (input, places) = (input * 4, places - 1) }
    let half = (input >> 1).roundedShiftRight(by: 1)
    let threeHalves: Int32 = 3 << 27
    let rootOfHalf: Int32 = 1_518_500_250
    var x: Int32 = 1 << 28
    for _ in 0..<5 {
      let cube = x.highMultiplied(by: x).highMultiplied(by: x).saturatingShiftLeft(by: 6)
      x = (threeHalves.highMultiplied(by: x) - half.highMultiplied(by: cube))
        .saturatingShiftLeft(by: 3)
    }
    x = x.highMultiplied(by: rootOfHalf)
    self.init(multiplier: places < 0 ? x << -places : x, shift: -max(0, places))
  }
}
