package import FixedPoint

/// The square of the difference of two int8 tensors, each with a scale of its own.
///
/// Both operands are brought to the common scale `2 * max(aScale, bScale)` with `leftShift` extra
/// bits: `d = req((a - aZeroPoint) << leftShift, aFactor) - req((b - …) << leftShift, bFactor)`, and
/// the code is `req(d * d, outputFactor) + outputZeroPoint`, clamped; all rounded `double`.
///
/// Twin: `mnq_squared_difference` in `CRuntime`. Source: TensorFlow Lite
/// `kernels/squared_difference.cc`.
package struct SquaredDifference: Broadcasting {
  /// Extra bits below the binary point of the common scale: `d` has 16 bits then, its square 31.
  package static let leftShift: Int32 = 7

  package var broadcast: Broadcast
  /// `-128 ... 127`.
  package var aZeroPoint: Int32
  /// At most 1/2.
  package var aFactor: Requantization
  /// `-128 ... 127`.
  package var bZeroPoint: Int32
  /// At most 1/2.
  package var bFactor: Requantization
  /// `-128 ... 127`.
  package var outputZeroPoint: Int32
  /// At most 1, so that nothing is shifted to the left.
  package var outputFactor: Requantization

  package init(
    broadcast: Broadcast, aZeroPoint: Int32, aFactor: Requantization, bZeroPoint: Int32,
    bFactor: Requantization, outputZeroPoint: Int32, outputFactor: Requantization
  ) {
    self.broadcast = broadcast
    self.aZeroPoint = aZeroPoint
    self.aFactor = aFactor
    self.bZeroPoint = bZeroPoint
    self.bFactor = bFactor
    self.outputZeroPoint = outputZeroPoint
    self.outputFactor = outputFactor
  }
}

extension SquaredDifference {
  /// Of tensors `a` and `b` in the scale of `output`; `nil` where TensorFlow Lite cannot: the output's
  /// scale is too fine.
  package init?(
    a: QuantizedTensor, b: QuantizedTensor, output: QuantizedTensor, broadcast: Broadcast
  ) {
    let common = 2 * max(a.scale, b.scale)
    let bits = Double(1 << (2 * Self.leftShift))
    guard let aFactor = try? Requantization(factor: a.scale / common),
      let bFactor = try? Requantization(factor: b.scale / common),
      let outputFactor = try? Requantization(factor: common * common / (bits * output.scale)),
      outputFactor.shift <= 0
    else { return nil }
    self.init(
      broadcast: broadcast, aZeroPoint: a.zeroPoint, aFactor: aFactor, bZeroPoint: b.zeroPoint,
      bFactor: bFactor, outputZeroPoint: output.zeroPoint, outputFactor: outputFactor)
  }
}

extension SquaredDifference {
  package static var fileKinds: [String] { ["squaredDifference"] }
  package var asOperation: Operation { .squaredDifference(self) }
  package var zeroPoints: (inputs: [Int32], output: Int32?) {
    ([aZeroPoint, bZeroPoint], outputZeroPoint)
  }

  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    try broadcast.check()
    try FieldProblem.require(Int(aFactor.shift), "the shift of a's factor", in: -31...0)
    try FieldProblem.require(Int(bFactor.shift), "the shift of b's factor", in: -31...0)
    try FieldProblem.require(
      Int(outputFactor.shift), "the shift of the output's factor", in: -31...0)
  }

  package func checkScales(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor, _ weightScales: Constants<Float>
  ) throws(FieldProblem) {
    let common = 2 * max(inputs[0].scale, inputs[1].scale)
    let bits = Double(1 << (2 * Self.leftShift))
    for (tensor, factor) in zip(inputs, [aFactor, bFactor]) {
      try FieldProblem.require(
        factor.real, "a factor for '\(tensor.name)' of", isFactor: tensor.scale / common)
    }
    try FieldProblem.require(
      outputFactor.real, "an output factor of", isFactor: common * common / bits / output.scale)
  }

  package func wideOverlaps(_ inputs: [CodeWidth], _ output: CodeWidth) -> [Overlap] {
    inputs.map { _ in .none }
  }
}
