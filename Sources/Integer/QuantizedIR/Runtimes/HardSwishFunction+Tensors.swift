package import FixedPoint

extension HardSwishFunction {
  /// From the scale of `input` to that of `output`; `nil` where TensorFlow Lite cannot.
  ///
  /// Source: TensorFlow Lite `kernels/activations.cc`, `HardSwishPrepare`.
  package init?(input: QuantizedTensor, output: QuantizedTensor) {
    let step = Float(input.scale) / 128
    guard let outputFactor = try? Requantization(factor: Double(step / Float(output.scale))),
      let reluishFactor = try? Requantization(factor: Double(step / (3 / 32768))),
      // Right shifts of 16 bits and more overflow in TensorFlow Lite's 16-bit steps.
      (-15...0).contains(outputFactor.shift), reluishFactor.shift >= -15
    else { return nil }
    self.init(
      inputZeroPoint: input.zeroPoint, outputZeroPoint: output.zeroPoint,
      outputFactor: outputFactor, reluishFactor: reluishFactor)
  }
}
