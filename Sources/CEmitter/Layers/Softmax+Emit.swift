internal import QuantizedIR

extension Softmax {
  /// Twin: `mnq_softmax`.
  func emitFields(into c: inout CWriter) {
    c.field("depth", depth)
    c.field("factor", factor)
    c.field("smallest_difference", smallestDifference)
  }
}
