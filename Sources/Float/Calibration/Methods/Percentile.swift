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
