internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  mutating func add(_ operation: Copy, _ layer: Layer) throws(ExportError) -> String {
    let (input, output) = (inputs(layer)[0], output(layer))
    if operation.isPart || operation.function == "concatenation" {
      guard let (parts, axis) = model.concatenation(endingIn: layer) else {
        throw inexpressible(layer, "its shape")
      }
      return writer.node(
        "Concat", parts.map { value(of: $0) }, ["axis": .integer(output.shape.onnxAxis(axis))])
    }
    if operation.isIdentity {
      return reshaped(value(of: layer.inputs[0]), input.shape, output.shape)
    }
    if let fill = operation.fill {
      guard let counts = operation.padding(input.shape, output.shape) else {
        throw inexpressible(layer, "its shape")
      }
      let axes = input.shape.onnxAxes
      let pads = axes.map { counts[2 * $0] } + axes.map { counts[2 * $0 + 1] }
      let operands = [
        value(of: layer.inputs[0]),
        writer.constant("\(layer.name)/pads", [pads.count], pads.map(Int64.init)),
        writer.constant("\(layer.name)/fill", [], [Float(output.real(fill))]),
      ]
      return writer.node("Pad", operands)
    }
    guard let order = operation.axes(input.shape, output.shape) else {
      throw inexpressible(layer, "its shape")
    }
    return writer.node(
      "Transpose", [value(of: layer.inputs[0])],
      ["perm": .integers(output.shape.onnxAxes.map { input.shape.onnxAxis(order[$0]) })])
  }
}
