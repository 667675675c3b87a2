internal import NetworkGraph
internal import Tensors

/// The range whose 8-bit codes reproduce the values with the least mean squared error: a narrower
/// one has finer steps and cuts off more.
///
/// Where only an activation reads the tensor, what counts is the error of what it makes of the
/// values: codes are not spent on inputs that it maps to the same output.
struct MeanSquaredError {
  /// The least share of either end that is tried.
  var leastFactor = 0.3
  /// How many shares are tried from `leastFactor` to 1.
  var factorCount = 29
  /// How often each end is searched again after the other.
  var rounds = 2
  /// What alone reads the values, if anything does.
  var reader: Activation?

  /// Values that fell into one bin.
  private struct Bin {
    let center: Double
    /// What the reader makes of `center`.
    let read: Double
    let count: Double
  }

  /// The best range that lies within `seen`, which contains 0.
  func range(_ histogram: Histogram, within seen: ClosedRange<Float>) -> ClosedRange<Float> {
    let bins = histogram.counts.indices.filter { histogram.counts[$0] > 0 }.map { bin in
      let center = histogram.center(bin)
      return Bin(center: center, read: read(center), count: Double(histogram.counts[bin]))
    }
    let factors = (0..<factorCount).map { step in
      1 - (1 - leastFactor) * Double(step) / Double(factorCount - 1)
    }
    var (low, high) = (Double(seen.lowerBound), Double(seen.upperBound))
    for _ in 0..<rounds {
      low = best(factors.map { $0 * Double(seen.lowerBound) }) { error(bins, $0, high) }
      high = best(factors.map { $0 * Double(seen.upperBound) }) { error(bins, low, $0) }
    }
    return Float(low)...Float(high)
  }

  private func read(_ value: Double) -> Double { reader?(value) ?? value }

  /// The candidate of least cost, the first among equals.
  private func best(_ candidates: [Double], _ cost: (Double) -> Double) -> Double {
    let costs = candidates.map(cost)
    return zip(candidates, costs).min { $0.1 < $1.1 }?.0 ?? 0
  }

  /// The sum of squared errors of 256 codes from `low` to `high`, 0 being one of them.
  private func error(_ bins: [Bin], _ low: Double, _ high: Double) -> Double {
    guard high > low else { return .infinity }
    let scale = (high - low) / 255
    let zeroPoint = (-low / scale).rounded()
    var sum = 0.0
    for bin in bins {
      let code = min(max((bin.center / scale).rounded(), -zeroPoint), 255 - zeroPoint)
      let difference = bin.read - read(code * scale)
      sum += bin.count * difference * difference
    }
    return sum
  }
}
