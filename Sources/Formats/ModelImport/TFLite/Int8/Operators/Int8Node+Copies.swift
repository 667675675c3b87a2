internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension Copy {
  /// PAD and PADV2 of up to four axes.
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
      to: node.output.shape, fill: try fill(node))
  }

  /// The code around the values: that of 0, or the one that PADV2 names at the output's scale.
  private static func fill(_ node: Int8Node) throws(NodeProblem) -> Int8 {
    guard node.code == .padValue else { return Int8(node.output.zeroPoint) }
    let constant = try node.constant(2)
    let codes = try constant.named { tensor throws(TensorProblem) in try tensor.int8s() }
    guard codes.count == 1, constant.scales.map({ Double($0) }) == [node.output.scale],
      constant.zeroPoints == [Int64(node.output.zeroPoint)]
    else {
      throw .quantization(
        constant.name, found: "\(constant.scales), \(constant.zeroPoints)",
        expected: "one code at \(node.output.parameters)")
    }
    return codes[0]
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

extension Int8Node {
  /// The copies that bring the values of the input where the operator wants them: one, but for orders
  /// of more than four axes.
  func copies(_ movement: TFLiteMovement) -> [Copy] {
    if code == .transpose, input.shape.rank <= 4,
      let axes = try? integers(1).map({ $0 < 0 ? $0 + input.shape.rank : $0 })
    {
      return [.transpose(input.shape, axes: axes)]
    }
    return Copy.rearranging(movement.order, inputCount: input.shape.count)
  }

  /// The copies that put operands or pieces of them together; `nil` for an operator that does
  /// something else.
  func joinedCopies() throws(NodeProblem) -> [(copy: Copy, operand: Int)]? {
    let joint: TFLiteJoint
    switch code {
    case .concatenation: return try Copy.concatenation(self).enumerated().map { ($1, $0) }
    case .pack: joint = try .pack(operation, operands.map(\.shape))
    case .gather: joint = try .gather(operation, input.shape, try integers(1))
    default: return nil
    }
    for operand in operands { try checkOneScale(operand) }
    if code == .gather {
      let (sizes, axis) = (joint.shape.dimensions, joint.axis)
      try checkOutput(Shape(sizes[..<axis] + constant(1).dimensions + sizes[(axis + 1)...]))
    } else {
      try checkOutput(joint.shape)
    }
    var offset = 0
    return joint.parts.map { part in
      defer { offset += part.places.count }
      let (inner, places) = (joint.inner, part.places)
      let copy = Copy(
        function: "concatenation", shape: [1, joint.outer, places.count, inner],
        sourceStart: places.first * inner,
        sourceStrides: [0, part.size * inner, places.step * inner, 1],
        inputCount: operands[part.operand].shape.count,
        destinationStrides: [0, joint.shape.dimensions[joint.axis] * inner, inner, 1],
        start: offset * inner, outputCount: joint.shape.count)
      return (copy, part.operand)
    }
  }
}

extension TFLiteFile {
  /// The values of constant input `index` of `operation`.
  func integers(_ operation: TFLiteOperator, _ index: Int) throws(NodeProblem) -> [Int] {
    guard operation.inputs.indices.contains(index), let number = operation.inputs[index] else {
      throw .inputCount(expected: index + 1, found: operation.inputs.count)
    }
    guard tensors[number].isConstant else { throw .computed(tensors[number].name) }
    return try tensors[number].named { tensor throws(TensorProblem) in try tensor.integers() }
  }
}
