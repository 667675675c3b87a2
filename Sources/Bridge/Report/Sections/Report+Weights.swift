private import Foundation
internal import QuantizedIR

extension Report {
  /// How large each output channel's weights are, and which do nothing.
  var weightSection: Section? {
    let figures = model.layers.compactMap { layer -> Markup? in
      let magnitudes = layer.channelMagnitudes
      return magnitudes.isEmpty ? nil : Self.figure(layer, magnitudes)
    }
    guard !figures.isEmpty else { return nil }
    return Section(
      id: "weights", title: "Weights by channel",
      note: "The largest weight of each output channel on a logarithmic scale over four decades. A "
        + "red mark is a dead channel: all of its weights are 0.",
      body: """
        <details><summary>\(figures.count) layers</summary>
        <div class="grid">\(figures)</div></details>
        """)
  }

  private static func figure(_ layer: Layer, _ magnitudes: [Double]) -> Markup {
    let most = magnitudes.max() ?? 0
    let dead = magnitudes.count { $0 == 0 }
    let bars = magnitudes.enumerated().map { channel, magnitude -> Markup in
      guard magnitude > 0 else {
        return "<rect class=\"dead\" x=\"\(channel)\" y=\"36\" width=\"1\" height=\"4\"/>"
      }
      let tall = max(1, 40 * (1 + log10(magnitude / most) / 4))
      return """
        <rect x="\(channel)" y="\(Number.decimal(40 - tall, 1))" width="1" \
        height="\(Number.decimal(tall, 1))"/>
        """
    }
    let counts = "\(Number.count(magnitudes.count)) channels" + (dead > 0 ? ", \(dead) dead" : "")
    return """
      <figure><svg viewBox="0 0 \(magnitudes.count) 40" preserveAspectRatio="none" role="img" \
      aria-label="weights">\(bars)</svg><figcaption><b>\(layer.name)</b>\(counts), at most \
      \(Number.short(most))</figcaption></figure>

      """
  }
}

extension Layer {
  /// The largest magnitude among the weights of each output channel, in real units; empty where
  /// there are none.
  fileprivate var channelMagnitudes: [Double] {
    guard weightScales.count > 0, let layer = operation.weighted else { return [] }
    var largest = [Int](repeating: 0, count: weightScales.count)
    for (index, weight) in layer.weights.values.enumerated() {
      let channel = layer.channel(ofWeight: index)
      largest[channel] = max(largest[channel], Int(weight.magnitude))
    }
    return zip(largest, weightScales.values).map { Double($0) * Double($1) }
  }
}
