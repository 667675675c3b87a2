internal import BoardKernels

/// Text of one C file. Knows indentation and array layout, nothing about networks.
struct CWriter {
  private(set) var text = ""
  private var depth: Int
  /// The widest line that it wraps to.
  static let width = 100

  /// - Parameter depth: How far lines are indented, in steps.
  init(depth: Int = 0) { self.depth = depth }

  /// One line at the current indentation; an empty one without.
  mutating func line(_ content: String = "") {
    text += content.isEmpty ? "\n" : indentation + content + "\n"
  }

  /// Lines as they stand, each with its end.
  mutating func lines(_ content: String) { text += content }

  /// `header {`, an indented body, then `closing`.
  mutating func braced(
    _ header: String, closing: String = "}", _ body: (inout CWriter) -> Void
  ) {
    line(header.isEmpty ? "{" : header + " {")
    depth += 1
    body(&self)
    depth -= 1
    line(closing)
  }

  /// `static const MNQ_ALIGNED type name[count] = { … };`.
  mutating func table<Value: FixedWidthInteger>(_ type: String, _ name: String, _ values: [Value]) {
    braced("static const MNQ_ALIGNED \(type) \(name)[\(values.count)] =", closing: "};") {
      $0.wrapped(values)
    }
  }

  /// The values, separated by commas, as many to a line as fit; `suffix` is that of C's constants.
  mutating func wrapped<Value: FixedWidthInteger>(_ values: [Value], _ suffix: String = "") {
    var row = indentation
    for value in values {
      let number = String(value) + suffix
      if row.utf8.count + number.utf8.count + 1 > Self.width {
        row.removeLast()
        text += row + "\n"
        row = indentation
      }
      row += number + ", "
    }
    row.removeLast()
    text += row + "\n"
  }

  /// A comment block of one line or more.
  mutating func comment(_ lines: [String]) {
    let safe = lines.map(PlainText.comment)
    for (index, content) in safe.enumerated() {
      let opening = index == 0 ? "/* " : " * "
      line(opening + content + (index == safe.count - 1 ? " */" : ""))
    }
  }

  private var indentation: String { String(repeating: " ", count: 4 * depth) }
}

/// Records and tables as C initializers.
extension CWriter {
  /// The fields of a struct; `table` gives the expression for a table of the layer.
  mutating func fields(_ record: LayerRecord, table: (String) -> String) {
    for field in record.fields {
      switch field.value {
      case .number(let number): line(".\(field.name) = \(number),")
      case .constant(let name, _): line(".\(field.name) = \(name),")
      case .numbers(let numbers): line(".\(field.name) = \(Self.braces(numbers)),")
      case .channel(let channel): line(".\(field.name) = \(Self.braces(channel.numbers)),")
      case .record(let record):
        braced(".\(field.name) =", closing: "},") { $0.fields(record, table: table) }
      case .table(let name?): line(".\(field.name) = \(table(name)),")
      case .table(nil): break
      }
    }
  }

  /// The elements of a table.
  mutating func elements(_ table: LayerTable) {
    switch table.values {
    case .int8(let values): wrapped(values)
    case .int16(let values): wrapped(values)
    case .int32(let values): wrapped(values)
    case .channels(let channels):
      for channel in channels { line(Self.braces(channel.numbers) + ",") }
    }
  }

  private static func braces(_ numbers: [some BinaryInteger]) -> String {
    "{" + numbers.map { "\($0)" }.joined(separator: ", ") + "}"
  }
}

extension LayerTable {
  /// The C type of an element.
  var elementType: String {
    switch values {
    case .int8: "int8_t"
    case .int16: "int16_t"
    case .int32: "int32_t"
    case .channels: "mnq_channel"
    }
  }
}
