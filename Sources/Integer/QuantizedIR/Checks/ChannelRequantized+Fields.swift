internal import FixedPoint

extension ChannelRequantized {
  /// Looks at what all layers with weights have.
  ///
  /// - Parameters:
  ///   - channels: Of the output.
  ///   - weights: How many weights there are, and should be.
  ///   - width: Of the output's codes.
  func checkChannels(
    _ channels: Int, weights: (found: Int, expected: Int), width: CodeWidth
  ) throws(FieldProblem) {
    try FieldProblem.require(weights.found, "a number of weights of", is: weights.expected)
    try FieldProblem.require(bias.count, "a number of biases of", is: channels)
    try FieldProblem.require(multipliers.count, "a number of multipliers of", is: channels)
    try FieldProblem.require(shifts.count, "a number of shifts of", is: channels)
    for multiplier in multipliers.values {
      try FieldProblem.require(multiplier, "a multiplier of", in: 0...Int32.max)
    }
    for shift in shifts.values { try FieldProblem.require(shift, "a shift of", in: -31...30) }
    guard let curve else { return try clamp.check(width) }
    try FieldProblem.require(
      curve.points.count, "a number of curve points of", is: Curve.pointCount)
    try FieldProblem.require(outputZeroPoint, "outputZeroPoint", is: 0)
    try FieldProblem.require(clamp, "clamp", is: Curve.inputs)
    try FieldProblem.require(curve.width.rawValue, "curve.outputWidth", is: width.rawValue)
  }

  /// Sums over codes of 16 bits are requantized with a mantissa of 15 bits.
  func checkReducedShifts() throws(FieldProblem) {
    for shift in shifts.values {
      try FieldProblem.require(
        shift, "a shift of", in: -31...Int8(Requantization.mostReducedShift))
    }
  }
}

extension ClosedRange<Int32> {
  /// Whether the codes of a clamp are among those of `width`.
  func check(_ width: CodeWidth) throws(FieldProblem) {
    try FieldProblem.require(lowerBound, "clamp.0", in: width.codes)
    try FieldProblem.require(upperBound, "clamp.1", in: width.codes)
  }
}
