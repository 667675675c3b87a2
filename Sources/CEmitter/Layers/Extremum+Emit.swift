internal import QuantizedIR

extension Extremum {
  /// Twin: `mnq_extremum`.
  func emitFields(into c: inout CWriter) {
    c.field(broadcast)
    switch choice {
    case .maximum:
      c.line(".choice = MNQ_MAXIMUM,")
      c.record(0)
    case .minimum:
      c.line(".choice = MNQ_MINIMUM,")
      c.record(1)
    }
  }
}
