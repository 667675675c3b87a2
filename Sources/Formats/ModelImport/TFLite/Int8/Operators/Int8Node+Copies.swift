internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension Copy {
  /// PAD of up to four axes.
  static func pad(_ node: Int8Node) throws(NodeProblem) -> Copy {
    let input = node.input.shape
    let counts = try node.integers(1)
    guard input.rank <= 4, counts.count == 2 * input.rank,
      counts.allSatisfy({ (0...1 << 16).contains($0) })
    else {
      throw .constantValue(
        try node.constant(1).name, found: "padding \(counts.prefix(16))",
        expected: "two counts for each of up to four axes")
    }
    try node.checkOneScale(node.input)
    try node.checkOutput(
      Shape(
        input.dimensions.indices.map {
          input.dimensions[$0] + counts[2 * $0] + counts[2 * $0 + 1]
        }))
    return pad(
      input, before: stride(from: 0, to: counts.count, by: 2).map { counts[$0] },
      to: node.output.shape, fill: Int8(node.output.zeroPoint))
  }

  /// TRANSPOSE of up to four axes.
  static func transpose(_ node: Int8Node) throws(NodeProblem) -> Copy {
    let input = node.input.shape
    let axes = try node.integers(1).map { $0 < 0 ? $0 + input.rank : $0 }
    guard input.rank <= 4, axes.sorted() == Array(0..<input.rank) else {
      throw .constantValue(
        try node.constant(1).name, found: "axes \(axes.prefix(16))",
        expected: "an order of up to four axes")
    }
    try node.checkOneScale(node.input)
    try node.checkOutput(Shape(axes.map { input.dimensions[$0] }))
    return transpose(input, axes: axes)
  }

  /// CONCATENATION, one copy for each operand.
  static func concatenation(_ node: Int8Node) throws(NodeProblem) -> [Copy] {
    let output = node.output.shape
    let option = try node.operation.integer(
      TFLiteField.ConcatenationOptions.axis, default: Int32(0))
    let axis = option < 0 ? option + output.rank : option
    guard output.dimensions.indices.contains(axis) else {
      throw .attribute("axis", found: "\(option)", expected: "an axis of \(output.rank)")
    }
    guard
      case .none = try TFLiteActivation(
        node.operation, option: TFLiteField.ConcatenationOptions.activation)
    else {
      throw .attribute("fused_activation_function", found: "another", expected: "0 (none)")
    }
    var offset = 0
    var copies: [Copy] = []
    for operand in node.operands {
      var expected = output.dimensions
      guard operand.shape.rank == output.rank else {
        throw .inputShape(found: operand.shape.dimensions, expected: "\(output.rank) axes")
      }
      expected[axis] = operand.shape.dimensions[axis]
      guard operand.shape.dimensions == expected else {
        throw .inputShape(found: operand.shape.dimensions, expected: "\(expected)")
      }
      try node.checkOneScale(operand)
      copies.append(.part(operand.shape, axis: axis, offset: offset, of: output))
      offset += operand.shape.dimensions[axis]
    }
    guard offset == output.dimensions[axis] else {
      var expected = output.dimensions
      expected[axis] = offset
      throw .outputShape(found: output.dimensions, expected: expected)
    }
    return copies
  }
}
