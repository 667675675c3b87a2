internal import FixedPoint
internal import QuantizedIR
internal import TFLiteSchema

extension Add {
  /// ADD.
  init(_ node: Int8Node) throws(NodeProblem) {
    let (broadcast, clamp) = (
      try node.broadcast(), try node.clamp(option: TFLiteField.AddOptions.activation)
    )
    do throws(FactorOutOfRange) {
      try self.init(
        a: node.operands[0], b: node.operands[1], output: node.output, broadcast: broadcast,
        clamp: clamp, rounding: .double)
    } catch {
      throw .factor(error.factor)
    }
  }
}

extension Multiply {
  /// MUL.
  init(_ node: Int8Node) throws(NodeProblem) {
    let broadcast = try node.broadcast()
    let (a, b) = (node.operands[0], node.operands[1])
    self.init(
      broadcast: broadcast, aZeroPoint: a.zeroPoint, bZeroPoint: b.zeroPoint,
      outputZeroPoint: node.output.zeroPoint,
      factor: try node.requantization(node.runtime.productFactor(a, b, node.output)),
      clamp: try node.clamp(option: TFLiteField.MulOptions.activation))
  }
}

extension Extremum {
  /// MAXIMUM and MINIMUM, which compare codes.
  init(_ choice: Choice, _ node: Int8Node) throws(NodeProblem) {
    for operand in node.operands { try node.checkOneScale(operand) }
    self.init(choice, broadcast: try node.broadcast())
  }
}
