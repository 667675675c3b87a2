package import FixedPoint

/// The product of two int8 tensors, each with a zero point of its own: the last step of
/// squeeze-and-excitation among others.
///
/// `req((a - aZeroPoint) * (b - bZeroPoint), factor) + outputZeroPoint`, clamped, where the
/// factor is `aScale * bScale / outputScale`.
///
/// Twin: `mnq_multiply` in `CRuntime`. Source: TensorFlow Lite `reference/integer_ops/mul.h`.
package struct Multiply: Broadcasting {
  package var broadcast: Broadcast
  /// `-128 ... 127`.
  package var aZeroPoint: Int32
  /// `-128 ... 127`.
  package var bZeroPoint: Int32
  /// `-128 ... 127`.
  package var outputZeroPoint: Int32
  package var factor: Requantization
  /// The codes that the output may take: its activation.
  package var clamp: ClosedRange<Int32>
  package var rounding: Rounding

  package init(
    broadcast: Broadcast, aZeroPoint: Int32, bZeroPoint: Int32, outputZeroPoint: Int32,
    factor: Requantization, clamp: ClosedRange<Int32> = -128...127, rounding: Rounding = .double
  ) {
    self.broadcast = broadcast
    self.aZeroPoint = aZeroPoint
    self.bZeroPoint = bZeroPoint
    self.outputZeroPoint = outputZeroPoint
    self.factor = factor
    self.clamp = clamp
    self.rounding = rounding
  }
}

extension Multiply {
  package static var fileKinds: [String] { ["multiply"] }
  package var asOperation: Operation { .multiply(self) }
  package var isProduct: Bool { true }
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
    try FieldProblem.require(
      factor.real, "factor", isFactor: inputs[0].scale * inputs[1].scale / output.scale)
  }

  package func checkWide(readsWide: Bool) throws(FieldProblem) {}

  package func exact(
    with runtime: ExactRuntime, _ inputs: [QuantizedTensor], _ output: QuantizedTensor
  ) -> Operation {
    var layer = self
    let factor = runtime.productFactor(inputs[0], inputs[1], output)
    layer.factor = (try? Requantization(factor: factor)) ?? layer.factor
    return .multiply(layer)
  }
}
