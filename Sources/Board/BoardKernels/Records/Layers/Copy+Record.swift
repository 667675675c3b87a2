internal import QuantizedIR

extension Copy {
  /// Twin: `mnq_copy`.
  func addFields(to record: inout LayerRecord) {
    record.field("shape", shape)
    record.field("source_strides", sourceStrides)
    record.field("destination_strides", destinationStrides)
    record.field("start", start)
    record.field("output_count", outputCount)
    record.field("is_filled", fill == nil ? 0 : 1)
    record.field("fill", fill ?? 0)
  }
}
