internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  mutating func add(_ operation: Softmax, _ layer: Layer) -> String {
    let shape = inputs(layer)[0].shape
    return writer.node(
      "Softmax", [value(of: layer.inputs[0])],
      ["axis": .integer(shape.onnxAxis(shape.rank - 1))])
  }
}
