internal import QuantizedIR

extension QuantizedTensor {
  /// The float model's values of this tensor in the units that the codes stand for, which differ
  /// channel by channel where channels were equalized.
  func inOwnUnits(_ real: [Float]) -> [Float] {
    guard let factors = channelFactors?.values else { return real }
    return [Float](unsafeUninitializedCapacity: real.count) { own, count in
      // Row by row, without a division to find the channel: comparing spends much of its time here.
      for row in stride(from: 0, to: real.count, by: factors.count) {
        for c in factors.indices { own[row + c] = real[row + c] / factors[c] }
      }
      count = real.count
    }
  }
}
