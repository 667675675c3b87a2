package import FixedPoint

extension Add {
  /// The sum of tensors `a` and `b` in the scale of `output`.
  ///
  /// Source: TensorFlow Lite Micro `kernels/add_common.cc`.
  package init(
    a: QuantizedTensor, b: QuantizedTensor, output: QuantizedTensor, broadcast: Broadcast,
    clamp: ClosedRange<Int32>, rounding: Rounding
  ) throws(FactorOutOfRange) {
    let common = 2 * max(a.scale, b.scale)
    let leftShift = [a, b].contains { $0.width == .int16 } ? Self.wideLeftShift : Self.leftShift
    let outputFactor = common / (Double(1 << leftShift) * output.scale)
    self.init(
      broadcast: broadcast,
      aZeroPoint: a.zeroPoint, aFactor: try Requantization(factor: a.scale / common),
      bZeroPoint: b.zeroPoint, bFactor: try Requantization(factor: b.scale / common),
      outputZeroPoint: output.zeroPoint, outputFactor: try Requantization(factor: outputFactor),
      clamp: clamp, rounding: rounding)
  }

  /// Whether TensorFlow Lite, which takes factors below 1 only, computes it: the output's scale is
  /// not 2^19 times finer than the inputs'.
  package var isWithinReach: Bool { outputFactor.shift <= 0 }
}
