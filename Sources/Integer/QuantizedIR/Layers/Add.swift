package import FixedPoint

/// The sum of two int8 tensors, each with a scale of its own.
///
/// Both operands are brought to a common scale `2 * max(aScale, bScale)` with `leftShift` extra
/// bits, added, and brought to the output's scale:
/// `req(req((a - aZeroPoint) << leftShift, aFactor) + req((b - …) << leftShift, bFactor),
/// outputFactor) + outputZeroPoint`, clamped.
///
/// Twin: `mnq_add` in `CRuntime`. Source: TensorFlow Lite `reference/integer_ops/add.h`.
package struct Add: Broadcasting {
  /// Extra bits below the binary point of the common scale.
  package static let leftShift: Int32 = 20
  /// The same for operands of 16 bits.
  package static let wideLeftShift: Int32 = 15

  package var broadcast: Broadcast
  /// `-128 ... 127`.
  package var aZeroPoint: Int32
  package var aFactor: Requantization
  /// `-128 ... 127`.
  package var bZeroPoint: Int32
  package var bFactor: Requantization
  /// `-128 ... 127`.
  package var outputZeroPoint: Int32
  package var outputFactor: Requantization
  /// The codes that the output may take: its activation.
  package var clamp: ClosedRange<Int32>
  package var rounding: Rounding

  package init(
    broadcast: Broadcast, aZeroPoint: Int32, aFactor: Requantization, bZeroPoint: Int32,
    bFactor: Requantization, outputZeroPoint: Int32, outputFactor: Requantization,
    clamp: ClosedRange<Int32> = -128...127, rounding: Rounding = .double
  ) {
    self.broadcast = broadcast
    self.aZeroPoint = aZeroPoint
    self.aFactor = aFactor
    self.bZeroPoint = bZeroPoint
    self.bFactor = bFactor
    self.outputZeroPoint = outputZeroPoint
    self.outputFactor = outputFactor
    self.clamp = clamp
    self.rounding = rounding
  }
}

extension Add {
  /// The sum of tensors `a` and `b` in the scale of `output`.
  ///
  /// Source: TensorFlow Lite Micro `kernels/add_common.cc`.
  package init(
    a: QuantizedTensor, b: QuantizedTensor, output: QuantizedTensor, broadcast: Broadcast,
    clamp: ClosedRange<Int32>, rounding: Rounding
  ) throws(FactorOutOfRange) {
    let common = 2 * max(a.scale, b.scale)
    let outputFactor = common / (Double(1 << Self.shift(of: [a, b])) * output.scale)
    self.init(
      broadcast: broadcast,
      aZeroPoint: a.zeroPoint, aFactor: try Requantization(factor: a.scale / common),
      bZeroPoint: b.zeroPoint, bFactor: try Requantization(factor: b.scale / common),
      outputZeroPoint: output.zeroPoint, outputFactor: try Requantization(factor: outputFactor),
      clamp: clamp, rounding: rounding)
  }

  /// Extra bits for operands of these widths.
  private static func shift(of operands: [QuantizedTensor]) -> Int32 {
    operands.contains { $0.width == .int16 } ? wideLeftShift : leftShift
  }

  /// Whether TensorFlow Lite, which takes factors below 1 only, computes it: the output's scale is
  /// not 2^19 times finer than the inputs'.
  package var isWithinReach: Bool { outputFactor.shift <= 0 }
}

extension Add {
  package static var fileKinds: [String] { ["add"] }
  package var asOperation: Operation { .add(self) }
  package var zeroPoints: (inputs: [Int32], output: Int32?) {
    ([aZeroPoint, bZeroPoint], outputZeroPoint)
  }

  package func checkFields(_ width: CodeWidth) throws(FieldProblem) {
    try broadcast.check()
    try FieldProblem.require(clamp: clamp, within: width)
  }

  package func checkScales(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor, _ weightScales: Constants<Float>
  ) throws(FieldProblem) {
    // Each factor by itself: one of an operand whose steps are 2^31 times finer than the common ones
    // is 0, and so is that of the sum where the output's steps are as much coarser.
    let bits = Double(1 << Self.shift(of: inputs))
    let common = outputFactor.real * bits * output.scale
    for (tensor, factor) in zip(inputs, [aFactor, bFactor]) {
      if common > 0 {
        try FieldProblem.require(
          factor.real, "a factor for '\(tensor.name)' of", isFactor: tensor.scale / common)
      } else {
        try FieldProblem.require(
          0, "an output factor of", isFactor: 2 * tensor.scale / bits / output.scale)
      }
    }
  }

  package func checkWide(readsWide: Bool) throws(FieldProblem) {}
}
