/// What a bias takes over from the rounding of its channel's weights: rounded weights move the
/// mean of the output, and nearly all of quantization's loss is that shift.
///
/// Source: Nagel et al., "Data-Free Quantization", arXiv:1906.04721, section 4.2.
enum BiasCorrection {
  case none
  /// From the float network: the mean of the input under each tap, in real units.
  case analytic(inputMeans: [Double])
  /// From the layers quantized so far: the mean code less zero point under each tap, its scale,
  /// and the mean that the float network has in this output channel.
  case empirical(patchMean: [Double], inputScale: Double, outputMean: Double)

  /// The bias in real units for weights rounded to `codes` at `scale`.
  func corrected(_ bias: Float, weights: [Float], codes: [Int8], scale: Double) -> Double {
    switch self {
    case .none: return Double(bias)
    case .analytic(let means):
      return weights.indices.reduce(Double(bias)) { sum, tap in
        sum + means[tap] * (Double(weights[tap]) - Double(codes[tap]) * scale)
      }
    case .empirical(let patchMean, let inputScale, let outputMean):
      let products = codes.indices.reduce(0.0) { $0 + Double(codes[$1]) * patchMean[$1] }
      return outputMean - products * scale * inputScale
    }
  }
}
