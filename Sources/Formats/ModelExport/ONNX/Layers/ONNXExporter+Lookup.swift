internal import ONNXSchema
internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  /// The operator of the function where it rounds to the table's codes, else the table itself.
  mutating func add(_ operation: Lookup, _ layer: Layer) -> String {
    let (input, output) = (inputs(layer)[0], output(layer))
    // ONNX Runtime makes one of two QuantizeLinear with nothing between, which rounds once, and NaN of
    // the square root of what is below 0.
    if let function = operation.function, function != .identity, function != .sqrt,
      function.gives(operation.table.values, from: input, to: output)
    {
      return writer.add(function, of: value(of: layer.inputs[0]))
    }
    let codes = writer.node(
      "Cast", [codes(of: layer.inputs[0])],
      ["to": .type(.int32)])
    // A negative index counts from the end.
    let values = (operation.table.values[128...] + operation.table.values[..<128])
    let table = writer.constant(
      "\(layer.name)/table", [256], values.map { Float(output.real($0)) })
    return writer.node("Gather", [table, codes], ["axis": .integer(0)])
  }
}

extension Activation {
  /// Whether the function in 32-bit floats, rounded in any way, is `table`.
  fileprivate func gives(
    _ table: [Int8], from input: QuantizedTensor, to output: QuantizedTensor
  ) -> Bool {
    (-128...127).allSatisfy { code in
      let value = self(input.real(Int8(code)))
      let margin = 1e-4 * output.scale
      let expected = table[code + 128]
      return output.code(value - margin) == expected && output.code(value + margin) == expected
    }
  }
}
