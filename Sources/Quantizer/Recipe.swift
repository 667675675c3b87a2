/// A named set of choices in quantization. The raw value is the command-line spelling.
package enum Recipe: String, CaseIterable, Sendable {
  /// What gives the best int8 model.
  case `default`
  /// Calibrated ranges as they are: what a plain converter does, for comparison.
  case minmax

  /// Whether the range of a table's input is cut to the inputs that matter to the table.
  var clampsTableInputs: Bool { self == .default }
}
