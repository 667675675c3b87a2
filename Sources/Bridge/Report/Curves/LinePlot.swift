private import Glibc

/// Lines over the epochs of a training, with axes that bear round numbers.
struct LinePlot {
  /// One line: a value for each epoch from 1 on, `nil` where there is none.
  struct Line {
    let name: String
    let values: [Double?]
    /// The class of the line in the style sheet.
    let style: Style

    enum Style: String {
      case first
      case second
      /// One of many, in the background.
      case other
    }
  }

  /// A single value of the network as it was at the end.
  struct Mark {
    let name: String
    let value: Double
  }

  /// What the picture shows, for those who do not see it.
  let title: String
  let lines: [Line]
  var mark: Mark?
  /// How a value is written.
  let text: (Double) -> String

  private static let (width, height) = (640.0, 260.0)
  private static let (left, right, top, bottom) = (64.0, 12.0, 12.0, 28.0)

  var markup: Markup {
    let grid = ticks.map { tick -> Markup in
      let y = Number.decimal(place(tick), 1)
      return """
        <line class="grid-line" x1="\(Self.left)" x2="\(Self.width - Self.right)" y1="\(y)" \
        y2="\(y)"/><text x="\(Self.left - 6)" y="\(y)" dy="0.32em" text-anchor="end">\
        \(text(tick))</text>

        """
    }
    let paths = lines.map { path($0) }
    let named = lines.filter { $0.style == .first } + lines.filter { $0.style == .second }
    let legend = named.map { line -> Markup in
      "<span class=\"\(line.style.rawValue)\">\(line.name)</span>\n"
    }
    let point = mark.map { mark -> Markup in
      """
      <circle class="mark" cx="\(Self.width - Self.right)" \
      cy="\(Number.decimal(place(mark.value), 1))" r="4"><title>\(mark.name): \
      \(text(mark.value))</title></circle>
      """
    }
    let markName = mark.map { mark -> Markup in "<span class=\"mark\">\(mark.name)</span>\n" }
    return """
      <figure class="curves"><svg viewBox="0 0 \(Self.width) \(Self.height)" role="img" \
      aria-label="\(title)">\(grid)\(epochMarks)\(paths)\(point ?? "")</svg>
      <figcaption class="legend">\(legend)\(markName ?? "")</figcaption></figure>
      """
  }

  /// The number of the first and the last epoch.
  private var epochMarks: Markup {
    let y = Number.decimal(Self.height - 8, 1)
    return """
      <text x="\(Self.left)" y="\(y)">epoch 1</text>\
      <text x="\(Self.width - Self.right)" y="\(y)" text-anchor="end">\(epochs)</text>
      """
  }

  private func path(_ line: Line) -> Markup {
    let points = line.values.enumerated().compactMap { epoch, value -> (Int, Double)? in
      value.flatMap { $0.isFinite ? (epoch, $0) : nil }
    }
    let spots = points.map { epoch, value -> Markup in
      """
      <circle class="\(line.style.rawValue)" cx="\(Number.decimal(across(epoch), 1))" \
      cy="\(Number.decimal(place(value), 1))" r="3"><title>\(line.name), epoch \(epoch + 1): \
      \(text(value))</title></circle>
      """
    }
    let course = points.map { epoch, value in
      "\(Number.decimal(across(epoch), 1)),\(Number.decimal(place(value), 1))"
    }.joined(separator: " ")
    // Spots can be pointed at; of many, the line alone is seen.
    return """
      <polyline class="\(line.style.rawValue)" points="\(course)"/>
      <g\(epochs > 60 ? " class=\"hidden\"" : "" as Markup)>\(spots)</g>

      """
  }

  private var epochs: Int { lines.map(\.values.count).max() ?? 1 }

  private var values: [Double] {
    (lines.flatMap(\.values).compactMap(\.self) + [mark?.value].compactMap(\.self))
      .filter(\.isFinite)
  }

  /// Three to seven round values around all that is shown. Steps are 1, 2 or 5 times a power of 10.
  private var ticks: [Double] {
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    let span = max(high - low, abs(high) * 1e-3, 1e-9)
    let power = pow(10, (log10(span / 5)).rounded(.down))
    let step = [1, 2, 5, 10].map { $0 * power }.first { span / $0 <= 5 } ?? 10 * power
    let (first, last) = ((low / step).rounded(.down), (high / step).rounded(.up))
    return stride(from: first, through: max(last, first + 1), by: 1).map { $0 * step }
  }

  private func across(_ epoch: Int) -> Double {
    let width = Self.width - Self.left - Self.right
    return epochs > 1 ? Self.left + width * Double(epoch) / Double(epochs - 1) : Self.left
  }

  private func place(_ value: Double) -> Double {
    let ticks = ticks
    let (low, high) = (ticks.first ?? 0, ticks.last ?? 1)
    let height = Self.height - Self.top - Self.bottom
    return Self.top + height * (1 - (value - low) / (high - low))
  }
}
