internal import QuantizedIR

extension MaxPool {
  /// Twin: `mnq_max_pool`.
  func emitFields(into c: inout CWriter) {
    c.field("input", input)
    c.field("output", output)
    c.field("kernel", kernel)
    c.field("stride", stride)
    c.field("padding", padding)
    c.field("channels", channels)
    c.field(clamp: clamp)
  }
}
