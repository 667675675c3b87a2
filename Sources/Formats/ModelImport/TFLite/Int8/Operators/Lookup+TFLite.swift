internal import QuantizedIR
internal import Tensors

extension Lookup {
  /// The table of an operator of one int8 value.
  static func layer(_ function: TableFunction, _ node: Int8Node) throws(NodeProblem) -> Lookup {
    try node.checkOutput(node.input.shape)
    if function == .logistic { try node.checkUnitInterval() }
    guard let table = node.runtime.table(function, input: node.input, output: node.output) else {
      throw .quantization(
        node.output.name, found: node.output.parameters,
        expected: "a scale within reach of the input's, \(node.input.parameters)")
    }
    return Lookup(
      function: function.rawValue, count: node.input.shape.count, table: table)
  }
}
