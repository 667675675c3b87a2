internal import QuantizedIR

extension QuantizedTensor {
  /// The float model's values of this tensor in the units that the codes stand for, which differ
  /// channel by channel where channels were equalized.
  func inOwnUnits(_ real: [Float]) -> [Float] {
    guard let factors = channelFactors else { return real }
    let channels = factors.count
    return real.indices.map { real[$0] / factors[$0 % channels] }
  }
}
