internal import FixedPoint
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

extension ONNXExporter {
  /// What is above 0 and what is below, each rounded as the layer rounds it: one of the two is 0.
  mutating func add(_ operation: PReLU, _ layer: Layer) throws(ExportError) -> String {
    let (input, alpha) = (inputs(layer)[0], operation.alpha.values)
    guard
      alpha.count == 1 || alpha.count == input.shape.channels || alpha.count == input.shape.count
    else { throw inexpressible(layer, "shares that end within an axis") }
    let share = Double(operation.alphaScale)
    let reals = alpha.map { Float(share * Double($0)) }
    let isWhole = alpha.count == input.shape.count
    let channel = input.shape.dimensions.indices.map {
      $0 == input.shape.rank - 1 ? alpha.count : 1
    }
    let shape = isWhole ? input.shape : Shape(channel)
    let shares = writer.constant(
      "\(layer.name)/alpha", shape.nchw, isWhole ? input.shape.inNCHW(reals) : reals)
    let x = value(of: layer.inputs[0])
    let zero = writer.constant("\(layer.name)/zero", [], [Float(0)])
    let below = writer.node("Mul", [writer.node("Clip", [x, "", zero]), shares])
    let parts = [
      requantized(
        writer.node("Relu", [x]), [input.scale], [operation.identity], .double, [1], layer),
      requantized(below, [input.scale * share], [operation.below], .double, [1], layer),
    ]
    return writer.node("Add", parts)
  }
}
