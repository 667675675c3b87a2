internal import QuantizedIR

extension Copy {
  /// Twin: `mnq_copy`.
  func emitFields(into c: inout CWriter) {
    c.field("shape", shape)
    c.field("source_strides", sourceStrides)
    c.field("destination_strides", destinationStrides)
    c.field("start", start)
    c.field("output_count", outputCount)
    c.field("is_filled", fill == nil ? 0 : 1)
    c.field("fill", fill ?? 0)
  }
}
