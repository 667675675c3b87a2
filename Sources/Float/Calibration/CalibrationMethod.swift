private import Glibc
internal import NetworkGraph
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

/// The range that loses the least information: cut where 8 bits tell the distribution of the
/// magnitudes apart best from what is left of it.
///
/// Zeros, which every range holds exactly, count for nothing: after a ReLU they are so many that
/// no other value would matter.
///
/// Source: Migacz, "8-bit Inference with TensorRT", GTC 2017.
struct KullbackLeibler {
  /// Steps from one end of the range to the other.
  var codes = 256
  /// Bins from one cut that is tried to the next.
  var stride = 16

  /// The values seen, cut at the same magnitude on either side.
  func range(_ histogram: Histogram, within seen: ClosedRange<Float>) -> ClosedRange<Float> {
    let reach = Histogram.reach
    var magnitudes = (0..<reach).map { distance in
      Double(histogram.counts[reach + distance] + histogram.counts[reach - 1 - distance])
    }
    magnitudes[0] = 0
    // Values on one side of 0 have all codes for themselves.
    let steps = seen.lowerBound < 0 && seen.upperBound > 0 ? codes / 2 : codes
    guard let last = magnitudes.lastIndex(where: { $0 > 0 }), last >= steps else { return seen }
    let cuts = Array(Swift.stride(from: last + 1, through: steps, by: -stride))
    let divergences = cuts.map { (cut: $0, loss: divergence(magnitudes, cut: $0, steps: steps)) }
    let cut = divergences.min { $0.loss < $1.loss }?.cut ?? last + 1
    let threshold = Float(Double(cut) * histogram.width)
    return max(seen.lowerBound, -threshold)...min(seen.upperBound, threshold)
  }

  /// The divergence of `magnitudes`, all beyond bin `cut` gathered in its last bin, from the same
  /// in `steps` steps.
  private func divergence(_ magnitudes: [Double], cut: Int, steps: Int) -> Double {
    var reference = Array(magnitudes[..<cut])
    reference[cut - 1] += magnitudes[cut...].reduce(0, +)
    var coarse = [Double](repeating: 0, count: cut)
    for step in 0..<steps {
      let bins = step * cut / steps..<(step + 1) * cut / steps
      let occupied = bins.filter { magnitudes[$0] > 0 }
      let mean = bins.reduce(0) { $0 + magnitudes[$1] } / Double(max(occupied.count, 1))
      for bin in occupied { coarse[bin] = mean }
    }
    let totals = (reference.reduce(0, +), coarse.reduce(0, +))
    guard totals.0 > 0, totals.1 > 0 else { return .infinity }
    var sum = 0.0
    for bin in 0..<cut where reference[bin] > 0 {
      // What the steps cannot express counts as if it were there once in a million.
      let expressed = max(coarse[bin] / totals.1, 1e-6)
      sum += reference[bin] / totals.0 * log(reference[bin] / totals.0 / expressed)
    }
    return sum
  }
}
