internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  mutating func add(_ operation: Multiply, _ layer: Layer) throws(ExportError) -> String {
    let product = try combined("Mul", layer)
    let unit = inputs(layer).reduce(1) { $0 * $1.scale }
    let rounded = requantized(
      product, [unit], [operation.factor], operation.rounding, [1], layer)
    return clamped(rounded, operation.clamp, layer)
  }
}
