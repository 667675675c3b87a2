internal import Foundation
internal import ONNXSchema
internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  /// The operator of the function where it rounds to the table's codes, else the table itself.
  mutating func add(_ operation: Lookup, _ layer: Layer) -> String {
    let (input, output) = (inputs(layer)[0], output(layer))
    if let function = TableFunction(rawValue: operation.function),
      function.gives(operation.table.values, from: input, to: output),
      let real = add(function, layer)
    {
      return real
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

  private mutating func add(_ function: TableFunction, _ layer: Layer) -> String? {
    let input = value(of: layer.inputs[0])
    switch function {
    case .relu: return writer.node("Relu", [input])
    case .relu6:
      let bounds = [Float(0), 6].map { writer.constant("\(layer.name)/bound", [], [$0]) }
      return writer.node("Clip", [input] + bounds)
    case .logistic: return writer.node("Sigmoid", [input])
    case .hardSwish: return writer.node("HardSwish", [input])
    case .hardSigmoid:
      return writer.node("HardSigmoid", [input], ["alpha": .real(1 / 6), "beta": .real(0.5)])
    // ONNX Runtime makes one of two QuantizeLinear with nothing between, which rounds once.
    case .quantize: return nil
    }
  }
}

extension TableFunction {
  /// The function of real numbers.
  private func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .relu: max(x, 0)
    case .relu6: min(max(x, 0), 6)
    case .logistic: 1 / (1 + exp(-x))
    case .hardSwish: x * min(max(x + 3, 0), 6) / 6
    case .hardSigmoid: min(max(x + 3, 0), 6) / 6
    case .quantize: x
    }
  }

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
