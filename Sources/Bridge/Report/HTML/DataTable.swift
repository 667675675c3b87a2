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
    /// `nil` sorts last.
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
    let value: Markup = cell.value.map { " data-value=\"\($0)\"" } ?? ""
    let kind: Markup = column.isText ? " class=\"text\"" : ""
    guard let bar = cell.bar else { return "<td\(kind)\(value)>\(cell.content)</td>" }
    let share = Number.decimal(min(max(bar, 0), 1), 4)
    return """
      <td class="bar"\(value)><span style="--share:\(share)"></span>\(cell.content)</td>
      """
  }
}
