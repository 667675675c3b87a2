/// Every way to choose an activation range from statistics. The raw value is the command-line
/// spelling.
package enum CalibrationMethod: String, CaseIterable, Codable, Sendable {
  case minMax = "min-max"
  case percentile
  case meanSquaredError = "mse"

  /// The range to quantize, in units of the tensor. It lies within the values seen, except that it
  /// always contains 0, so that zero padding is exact.
  package func range(_ statistics: TensorStatistics) -> ClosedRange<Float> {
    precondition(statistics.valuesPerChannel > 0, "a range of nothing")
    let seen = min(statistics.minimum, 0)...max(statistics.maximum, 0)
    switch self {
    case .minMax: return seen
    case .percentile: return Percentile().range(statistics.histogram, within: seen)
    case .meanSquaredError: return MeanSquaredError().range(statistics.histogram, within: seen)
    }
  }
}
