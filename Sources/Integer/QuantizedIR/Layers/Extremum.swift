/// The larger or the smaller of two codes, both operands and the output on one scale.
///
/// Twin: `mnq_extremum` in `CRuntime`.
package struct Extremum: Broadcasting {
  /// Which of the two codes is kept. The raw value is its name in files.
  package enum Choice: String, Codable, Sendable {
    case maximum
    case minimum
  }

  package var choice: Choice
  package var broadcast: Broadcast

  package init(_ choice: Choice, broadcast: Broadcast) {
    self.choice = choice
    self.broadcast = broadcast
  }
}

extension Extremum {
  package static var fileKinds: [String] { ["extremum"] }
  package var asOperation: Operation { .extremum(self) }

  package func checkFields(_ width: CodeWidth) throws(FieldProblem) { try broadcast.check() }

  package func checkScales(
    _ inputs: [QuantizedTensor], _ output: QuantizedTensor, _ weightScales: Constants<Float>
  ) throws(FieldProblem) {
    try FieldProblem.requireSameCodes(inputs, output)
  }

  package func wideOverlaps(_ inputs: [CodeWidth], _ output: CodeWidth) -> [Overlap] {
    inputs.map { _ in .none }
  }
}
