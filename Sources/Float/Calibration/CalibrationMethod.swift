package import NetworkGraph

/// Every way to choose an activation range from statistics. The raw value is the command-line
/// spelling.
package enum CalibrationMethod: String, CaseIterable, Codable, Sendable {
  case minMax = "min-max"
  case percentile
  case meanSquaredError = "mse"
  case kullbackLeibler = "kl"

  /// The range to quantize, in units of the tensor. It lies within the values seen, except that it
  /// always contains 0, so that zero padding is exact.
  ///
  /// - Parameter reader: An activation that alone reads the tensor: the range is then cut to the
  ///   inputs that matter to it.
  package func range(
    _ statistics: TensorStatistics, readBy reader: Activation? = nil
  ) -> ClosedRange<Float> {
    precondition(statistics.valuesPerChannel > 0, "a range of nothing")
    let all = min(statistics.minimum, 0)...max(statistics.maximum, 0)
    let seen = reader.map { all.clamped(to: $0.activeRange) } ?? all
    switch self {
    case .minMax: return seen
    case .percentile: return Percentile().range(statistics.histogram, within: seen)
    case .meanSquaredError:
      return MeanSquaredError(reader: reader).range(statistics.histogram, within: seen)
    case .kullbackLeibler: return KullbackLeibler().range(statistics.histogram, within: seen)
    }
  }
}

extension Activation {
  fileprivate var activeRange: ClosedRange<Float> {
    Float(activeInputs.lowerBound)...Float(activeInputs.upperBound)
  }
}
