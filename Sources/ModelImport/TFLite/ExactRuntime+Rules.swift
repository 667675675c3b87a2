internal import FixedPoint
internal import QuantizedIR

/// Where the two runtimes compute differently from one file.
extension ExactRuntime {
  /// How a fully connected layer's sum becomes a code.
  var fullyConnectedRounding: Rounding {
    switch self {
    case .litert: .singleAway
    case .tflm: .double
    }
  }

  /// The factor of a product: LiteRT computes it in 32-bit floats, TFLM in 64-bit ones.
  ///
  /// Source: TensorFlow Lite `kernels/mul.cc`; TFLM `kernels/mul_common.cc`.
  func productFactor(_ a: Float, _ b: Float, _ output: Float) -> Double {
    switch self {
    case .litert: Double(a * b / output)
    case .tflm: Double(a) * Double(b) / Double(output)
    }
  }
}
