package import FixedPoint

/// Where the two runtimes compute differently from one file.
extension ExactRuntime {
  /// How a fully connected layer's sum becomes a code.
  package var fullyConnectedRounding: Rounding {
    switch self {
    case .litert: .singleAway
    case .tflm: .double
    }
  }

  /// The factor of a product of tensors `a` and `b`: LiteRT computes it in 32-bit floats, TFLM in
  /// 64-bit ones.
  ///
  /// Source: TensorFlow Lite `kernels/mul.cc`; TFLM `kernels/mul_common.cc`.
  package func productFactor(
    _ a: QuantizedTensor, _ b: QuantizedTensor, _ output: QuantizedTensor
  ) -> Double {
    switch self {
    case .litert: Double(Float(a.scale) * Float(b.scale) / Float(output.scale))
    case .tflm: a.scale * b.scale / output.scale
    }
  }
}
