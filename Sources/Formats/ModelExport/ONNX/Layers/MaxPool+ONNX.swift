internal import QuantizedIR

extension ONNXExporter {
  mutating func add(_ operation: MaxPool, _ layer: Layer) -> String {
    let window = ExportedWindow(operation)
    let pooled = writer.node("MaxPool", [value(of: layer.inputs[0])], window.attributes)
    return clamped(pooled, operation.clamp, layer)
  }
}
