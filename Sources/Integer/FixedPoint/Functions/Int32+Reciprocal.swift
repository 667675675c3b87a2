extension Int32 {
  /// `1 / (1 + self)` in Q0.31, for `self` in Q0.31, not negative.
  ///
  /// Three steps of Newton's method from `48/17 - 32/17 * half`, in Q2.29.
  ///
  /// Source: gemmlowp `fixedpoint.h`, `one_over_one_plus_x_for_x_in_0_1`.
  public var reciprocalOfOnePlus: Int32 {
    let half = Int32((Int64(self) + Int64(Int32.max) + 1) / 2)
    let one: Int32 = 1 << 29
    var x: Int32 = 1_515_870_810 + half.highMultiplied(by: -1_010_580_540)
    for _ in 0..<3 {
      let error = one - half.highMultiplied(by: x)
      x += x.highMultiplied(by: error).saturatingShiftLeft(by: 2)
    }
    return x.saturatingShiftLeft(by: 1)
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
