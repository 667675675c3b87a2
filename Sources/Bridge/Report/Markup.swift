internal import Files
private import Glibc

/// A piece of HTML. What is interpolated into a literal of it is escaped, unless it is markup too.
struct Markup: ExpressibleByStringInterpolation {
  private(set) var text: String

  init(stringLiteral value: String) { text = value }

  init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { text += literal }

    mutating func appendInterpolation(_ markup: Markup) { text += markup.text }

    mutating func appendInterpolation(_ pieces: [Markup]) {
      for piece in pieces { text += piece.text }
    }

    /// Scalar by scalar: `<` and a combining mark after it are no `<` to Swift, and one to a browser.
    mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      for scalar in value.description.unicodeScalars { text += Markup.escaped(scalar) }
    }
  }

  /// What a page shows as `scalar`; what is not seen, such as a change of the direction of writing,
  /// becomes `\u{…}`.
  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "&": return "&amp;"
    case "<": return "&lt;"
    case ">": return "&gt;"
    case "\"": return "&quot;"
    case "'": return "&#39;"
    case "\n", "\t": return String(scalar)
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      return "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    default: return String(scalar)
    }
  }
}

/// A table whose rows the reader can sort by any column.
struct DataTable {
  /// One column.
  struct Column {
    let title: String
    /// What the column means, shown when pointed at.
    var hint = ""
    var isText = false
  }

  /// One cell: what is shown, what it is sorted by, and how long its bar is.
  struct Cell {
    let content: Markup
    /// `nil`, or what is no finite number, sorts last.
    let value: Double?
    /// Share of the column's width, `0...1`; `nil` for none.
    var bar: Double?

    /// A word, sorted by its place among the rows.
    static func text(_ text: String, order: Int) -> Cell {
      Cell(content: "\(text)", value: Double(order))
    }

    static func number(_ text: String, _ value: Double?, bar: Double? = nil) -> Cell {
      Cell(content: "\(text)", value: value, bar: bar)
    }
  }

  let columns: [Column]
  var rows: [[Cell]] = []

  var markup: Markup {
    let head = columns.map { column -> Markup in
      """
      <th scope="col"\(column.isText ? " class=\"text\"" : "" as Markup)><button type="button" \
      title="\(column.hint)">\(column.title)</button></th>
      """
    }
    let body = rows.map { row -> Markup in
      "<tr>\(zip(columns, row).map { Self.cell($0, $1) })</tr>\n"
    }
    return """
      <div class="scroll"><table class="sortable"><thead><tr>\(head)</tr></thead>
      <tbody>\(body)</tbody></table></div>
      """
  }

  private static func cell(_ column: Column, _ cell: Cell) -> Markup {
    let number = cell.value.flatMap { $0.isFinite ? $0 : nil }
    let value: Markup = number.map { " data-value=\"\($0)\"" } ?? ""
    let kind: Markup = column.isText ? " class=\"text\"" : ""
    guard let bar = cell.bar else { return "<td\(kind)\(value)>\(cell.content)</td>" }
    let share = Number.decimal(min(max(bar, 0), 1), 4)
    return """
      <td class="bar"\(value)><span style="--share:\(share)"></span>\(cell.content)</td>
      """
  }
}

/// Numbers as the page shows them.
enum Number {
  /// `value` with `digits` digits after the point, whatever the locale.
  static func decimal(_ value: Double, _ digits: Int) -> String {
    value.decimal(digits)
  }

  /// `81.89 %`, from a share of 1.
  static func percent(_ share: Double, _ digits: Int = 2) -> String {
    decimal(100 * share, digits) + " %"
  }

  /// With its sign.
  static func signed(_ value: Double, _ digits: Int = 2) -> String {
    (value > 0 ? "+" : "") + decimal(value, digits)
  }

  /// Decibels; where there is no noise, `exact`.
  static func decibels(_ value: Double?) -> String { value.map { decimal($0, 1) } ?? "exact" }

  /// `5 547 008`, with thin spaces.
  static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    let grouped = digits.indices.map { index in
      index > 0 && (digits.count - index) % 3 == 0 ? "\u{2009}\(digits[index])" : "\(digits[index])"
    }
    return (value < 0 ? "-" : "") + grouped.joined()
  }

  /// To 3 significant digits.
  static func short(_ value: Double) -> String { value.significant(3) }
}

/// One HTML file that loads nothing: a heading, links to its sections, and the sections.
struct HTMLPage {
  /// What the browser calls it.
  let title: String
  let heading: String
  let sections: [Section]

  /// - Throws: `FileError` where the style sheet is not beside the executable.
  func html() throws(FileError) -> String {
    let folder = try BundledFolder.path(module: "Report")
    func file(_ name: String) throws(FileError) -> Markup {
      Markup(
        stringLiteral: String(decoding: try AtomicFile.read("\(folder)/\(name)"), as: UTF8.self))
    }
    let (style, script) = (try file("page.css"), try file("page.js"))
    let links = sections.map { section -> Markup in
      "<a href=\"#\(section.id)\">\(section.title)</a>\n"
    }
    let page: Markup = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <link rel="icon" href="data:,">
      <style>
      \(style)</style>
      </head>
      <body>
      <header><h1>\(heading)</h1>
      <nav>\(links)</nav></header>
      <main>
      \(sections.map(\.markup))</main>
      <script>
      \(script)</script>
      </body>
      </html>

      """
    return page.text
  }
}

/// One part of the page, with its heading.
struct Section {
  /// What links point at.
  let id: String
  let title: String
  /// How to read it, in a sentence or two.
  let note: String
  let body: Markup

  var markup: Markup {
    """
    <section id="\(id)">
    <h2>\(title)</h2>
    <p class="note">\(note)</p>
    \(body)
    </section>

    """
  }
}
