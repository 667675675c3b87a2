internal import QuantizedIR

extension Softmax {
  /// Twin: `mnq_softmax`.
  func addFields(to record: inout LayerRecord) {
    record.field("depth", depth)
    record.field("factor", factor)
    record.field("smallest_difference", smallestDifference)
  }
}
