package import Tensors

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
    Float(min(activeInputs.lowerBound, 0))...Float(max(activeInputs.upperBound, 0))
  }
}

/// The range that leaves out the same share of values at either end.
struct Percentile {
  /// The share of all values to leave out at each end.
  var tail = 0.0001

  /// The quantiles `tail` and `1 - tail`, linear within a bin, widened to contain 0 and cut to
  /// `seen`.
  func range(_ histogram: Histogram, within seen: ClosedRange<Float>) -> ClosedRange<Float> {
    let lower = Float(quantile(tail, histogram))
    let upper = Float(quantile(1 - tail, histogram))
    return min(max(lower, seen.lowerBound), 0)...max(min(upper, seen.upperBound), 0)
  }

  /// The value below which the share `fraction` of all values lies.
  private func quantile(_ fraction: Double, _ histogram: Histogram) -> Double {
    let target = fraction * Double(histogram.total)
    var below = 0.0
    for (bin, count) in histogram.counts.enumerated() where count > 0 {
      let here = Double(count)
      if below + here >= target {
        return histogram.lowerEdge(bin) + histogram.width * (target - below) / here
      }
      below += here
    }
    return histogram.lowerEdge(histogram.counts.count)
  }
}
