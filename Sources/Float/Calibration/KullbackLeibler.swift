private import Foundation

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
