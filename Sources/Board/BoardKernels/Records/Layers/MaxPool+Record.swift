internal import QuantizedIR

extension MaxPool {
  /// Twin: `mnq_max_pool`.
  func addFields(to record: inout LayerRecord) {
    record.field("input", input)
    record.field("output", output)
    record.field("kernel", kernel)
    record.field("stride", stride)
    record.field("padding", padding)
    record.field("channels", channels)
    record.field(clamp: clamp)
  }
}
