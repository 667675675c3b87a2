internal import Calibration
internal import Evaluation
private import Glibc
internal import QuantizedIR

extension Report {
  /// Where the accuracy goes.
  var layerSection: Section? {
    let own = Dictionary(ownErrors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let places = Dictionary(
      model.layers.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var table = DataTable(columns: [
      .init(title: "layer", isText: true),
      .init(title: "SQNR dB", hint: "signal over noise of the layer's output"),
      .init(
        title: "own SQNR dB",
        hint: "the same where the layer's inputs are the float network's, rounded to codes"),
      .init(title: "cosine", hint: "of the angle between float and int8 outputs"),
      .init(title: "saturated", hint: "float values beyond what the codes can express"),
      .init(title: "operation", isText: true),
      .init(title: "MACs", hint: "multiplications for one image"),
    ])
    let most = (comparison.layers + ownErrors).compactMap(\.sqnrDB).max() ?? 1
    table.rows = comparison.layers.compactMap { error in
      places[error.name].map { row(error, own[error.name], place: $0, most: most) }
    }
    return Section(
      id: "layers", title: "Layers, worst first",
      note: "SQNR is what reaches the layer's output; own SQNR is what remains when its inputs are "
        + "exact, so that blame lands where it belongs. Click a heading to sort.",
      body: table.markup)
  }

  private func row(
    _ error: LayerError, _ own: LayerError?, place: Int, most: Double
  ) -> [DataTable.Cell] {
    let operation = model.layers[place].operation
    return [
      .text(error.name, order: place),
      .number(Number.decibels(error.sqnrDB), error.sqnrDB, bar: (error.sqnrDB ?? most) / most),
      own.map {
        .number(Number.decibels($0.sqnrDB), $0.sqnrDB, bar: ($0.sqnrDB ?? most) / most)
      } ?? .number("", nil),
      .number(Number.decimal(error.cosine, 5), error.cosine),
      .number(
        Number.percent(error.saturated, 3), error.saturated, bar: 100 * error.saturated),
      .text(operation.name, order: place),
      .number(operation.macs > 0 ? Number.count(operation.macs) : "", Double(operation.macs)),
    ]
  }
}

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

extension Report {
  /// The arena over the course of an inference.
  var memorySection: Section? {
    let plan = MemoryPlan(model)
    let boxes = model.lifetimes.enumerated().compactMap { order, lifetime -> Markup? in
      guard let offset = plan.offsets[lifetime.tensor] else { return nil }
      let name = model.tensors[lifetime.tensor].name
      let (first, last) = (lifetime.steps.lowerBound, lifetime.steps.upperBound)
      return """
        <rect x="\(first)" y="\(offset)" width="\(last - first + 1)" height="\(lifetime.bytes)" \
        style="--hue:\(order * 47 % 360)"><title>\(name): \(Number.count(lifetime.bytes)) bytes at \
        \(Number.count(offset)), steps \(first) to \(last)</title></rect>

        """
    }
    let body: Markup = """
      <svg class="memory" viewBox="-1 0 \(model.layers.count + 2) \(plan.arenaBytes)" \
      preserveAspectRatio="none" role="img" aria-label="memory plan">\(boxes)</svg>
      """
    return Section(
      id: "memory", title: "Memory over time",
      note:
        "Each box is an activation: from left to right the layers during which it is alive, from "
        + "top to bottom its bytes in the arena of \(Number.count(plan.arenaBytes)). At least "
        + "\(Number.count(plan.lowerBound)) are alive at once. Working memory of kernels, which "
        + "depends on the board, comes on top.",
      body: body)
  }
}

/// An arena that firmware may have.
package struct ArenaChoice: Hashable, Sendable {
  /// In bytes.
  package var bytes: Int
  /// What an inference takes, as a share of what it takes layer by layer.
  package var instructions: Double
  /// Whether the image comes row by row.
  package var takesRows: Bool

  /// A choice by its parts.
  package init(bytes: Int, instructions: Double, takesRows: Bool) {
    self.bytes = bytes
    self.instructions = instructions
    self.takesRows = takesRows
  }
}

extension Report {
  /// What smaller arenas cost.
  var arenaSection: Section? {
    guard arenas.count > 1 else { return nil }
    let most = arenas.map(\.bytes).max() ?? 1
    let cost = max(arenas.map { $0.instructions - 1 }.max() ?? 0, 0.01)
    func points(_ takesRows: Bool) -> [(x: String, y: String, choice: ArenaChoice)] {
      arenas.filter { $0.takesRows == takesRows }.map { choice in
        (
          Number.decimal(64 + 560 * Double(choice.bytes) / Double(most), 1),
          Number.decimal(190 - 170 * (choice.instructions - 1) / cost, 1), choice
        )
      }
    }
    let curves = [(false, "first"), (true, "second")].map { takesRows, style -> Markup in
      let points = points(takesRows)
      let course = points.map { "\($0.x),\($0.y)" }.joined(separator: " ")
      let spots = points.map { point -> Markup in
        """
        <circle class="\(style)" cx="\(point.x)" cy="\(point.y)" r="4"><title>\
        \(Number.count(point.choice.bytes)) bytes: \
        \(Number.signed(100 * (point.choice.instructions - 1), 1)) % instructions</title></circle>

        """
      }
      return "<polyline class=\"\(style)\" points=\"\(course)\"/>\n\(spots)"
    }
    let body: Markup = """
      <figure class="curves"><svg viewBox="0 0 640 220" role="img" aria-label="what smaller arenas cost">\
      <line class="grid-line" x1="64" x2="624" y1="190" y2="190"/>\
      <text x="58" y="190" dy="0.32em" text-anchor="end">0 %</text>\
      <text x="58" y="20" dy="0.32em" text-anchor="end">\(Number.signed(100 * cost, 1)) %</text>\
      <text x="64" y="210">0 bytes</text>\
      <text x="624" y="210" text-anchor="end">\(Number.count(most))</text>\(curves)</svg>
      <figcaption class="legend"><span class="first">the image as a whole</span>
      <span class="second">the image row by row</span></figcaption></figure>
      """
    return Section(
      id: "arenas", title: "Smaller arenas",
      note:
        "Instructions of a Cortex-M4, about, beside those of whole layers, and bytes of the arena: "
        + "emit-c --arena-limit BYTES, and --input rows.",
      body: body)
  }
}

/// What a model takes, in bytes.
package struct Footprint: Hashable, Sendable {
  /// The float parameters, at 4 bytes each.
  package var float: Int
  /// Weights, biases, factors and tables of the int8 model.
  package var constants: Int
  /// Activations of the int8 model, input and output included.
  package var arena: Int

  /// A footprint by its parts.
  package init(float: Int, constants: Int, arena: Int) {
    self.float = float
    self.constants = constants
    self.arena = arena
  }
}
