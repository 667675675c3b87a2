internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  mutating func add(_ operation: Copy, _ layer: Layer) throws(ExportError) -> String {
    let (input, output) = (inputs(layer)[0], output(layer))
    if operation.isPart || operation.function == "concatenation" {
      guard let (parts, axis) = model.concatenation(endingIn: layer) else {
        return try gather(layer)
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
    if let order = operation.axes(input.shape, output.shape) {
      return writer.node(
        "Transpose", [value(of: layer.inputs[0])],
        ["perm": .integers(output.shape.onnxAxes.map { input.shape.onnxAxis(order[$0]) })])
    }
    if let begin = operation.sliceBegin(input.shape, output.shape) {
      let axes = input.shape.onnxAxes
      func constant(_ name: String, _ values: [Int]) -> String {
        writer.constant(
          "\(layer.name)/\(name)", [values.count], axes.map { Int64(values[$0]) })
      }
      return writer.node(
        "Slice",
        [
          value(of: layer.inputs[0]), constant("starts", begin),
          constant("ends", zip(begin, output.shape.dimensions).map(+)),
        ])
    }
    return try gather(layer)
  }

  /// The copies that together fill one tensor, whatever they do.
  private mutating func gather(_ last: Layer) throws(ExportError) -> String {
    guard let (operands, places) = model.places(endingIn: last) else {
      throw inexpressible(last, "its shape")
    }
    let rows = operands.map { operand in
      let shape = model.tensors[operand].shape
      return writer.reshaped(value(of: operand), shape, [shape.count])
    }
    let all = rows.count == 1 ? rows[0] : writer.node("Concat", rows, ["axis": .integer(0)])
    let count = operands.reduce(0) { $0 + model.tensors[$1].shape.count }
    return writer.moved(all, of: count, places, to: output(last).shape, named: last.name)
  }
}
