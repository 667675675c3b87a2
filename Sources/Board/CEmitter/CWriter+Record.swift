internal import BoardKernels

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
