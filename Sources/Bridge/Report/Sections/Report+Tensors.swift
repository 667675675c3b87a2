private import Calibration
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
