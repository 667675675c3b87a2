internal import Calibration
private import Foundation
internal import QuantizedIR

extension Report {
  /// The values of each activation and the range that 8 bits cover.
  var tensorSection: Section? {
    guard let calibration else { return nil }
    let quantized = Dictionary(
      model.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let figures = calibration.tensors.compactMap { tensor in
      quantized[tensor.name].map { Self.figure(tensor, $0) }
    }
    return Section(
      id: "tensors", title: "Activations",
      note: "What calibration saw of each tensor, counts on a logarithmic scale, and shaded what "
        + "its codes cover.",
      body: """
        <details><summary>\(figures.count) tensors</summary>
        <div class="grid">\(figures)</div></details>
        """)
  }

  private static func figure(_ tensor: CalibratedTensor, _ quantized: QuantizedTensor) -> Markup {
    let covered = quantized.covered
    let plot = HistogramPlot(tensor.statistics, covered: covered)
    return """
      <figure>\(plot.markup)<figcaption><b>\(tensor.name)</b>seen \
      \(Number.short(Double(tensor.statistics.minimum))) … \
      \(Number.short(Double(tensor.statistics.maximum))), covered \
      \(Number.short(covered.lowerBound)) … \(Number.short(covered.upperBound))\
      </figcaption></figure>

      """
  }
}

/// The distribution of a tensor's values as a small picture.
struct HistogramPlot {
  /// Counts of equal intervals of `domain`.
  private let counts: [Int]
  private let domain: ClosedRange<Double>
  private let covered: ClosedRange<Double>

  private static let (bars, height) = (96, 40.0)

  /// - Parameter covered: What the codes can express, in units of the tensor.
  init(_ statistics: TensorStatistics, covered: ClosedRange<Double>) {
    let low = min(Double(statistics.minimum), covered.lowerBound)
    let high = max(Double(statistics.maximum), covered.upperBound)
    domain = low...max(high, low + .leastNormalMagnitude)
    self.covered = covered
    let width = (domain.upperBound - domain.lowerBound) / Double(Self.bars)
    var counts = [Int](repeating: 0, count: Self.bars)
    let histogram = statistics.histogram
    for (bin, count) in histogram.counts.enumerated() where count > 0 {
      let bar = Int(((histogram.center(bin) - low) / width).rounded(.down))
      counts[min(max(bar, 0), Self.bars - 1)] += count
    }
    self.counts = counts
  }

  var markup: Markup {
    let most = log(1 + Double(counts.max() ?? 0))
    let bars = counts.enumerated().filter { $1 > 0 }.map { index, count -> Markup in
      let tall = max(1, Self.height * log(1 + Double(count)) / most)
      return """
        <rect x="\(index)" y="\(Number.decimal(Self.height - tall, 1))" width="1" \
        height="\(Number.decimal(tall, 1))"/>
        """
    }
    let (left, right) = (place(covered.lowerBound), place(covered.upperBound))
    return """
      <svg viewBox="0 0 \(Self.bars) \(Self.height)" preserveAspectRatio="none" role="img" \
      aria-label="histogram"><rect class="covered" x="\(Number.decimal(left, 2))" y="0" \
      width="\(Number.decimal(right - left, 2))" height="\(Self.height)"/>\(bars)</svg>
      """
  }

  /// From units of the tensor to bars from the left edge.
  private func place(_ value: Double) -> Double {
    Double(Self.bars) * (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
  }
}
