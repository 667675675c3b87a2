internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension Softmax {
  /// SOFTMAX over the innermost axis.
  init(_ node: Int8Node) throws(NodeProblem) {
    try node.checkUnitInterval()
    try node.checkOutput(node.input.shape)
    let depth = node.input.shape.channels
    let beta = Double(try node.operation.float(TFLiteField.SoftmaxOptions.beta))
    guard let layer = Softmax(depth: depth, inputScale: node.input.scale, beta: beta) else {
      throw .inputShape(
        found: node.input.shape.dimensions,
        expected: "rows of at most \(Softmax.largestDepth) values at a scale above 2^-26")
    }
    self = layer
  }
}

extension Int8Node {
  /// Checks that the output has scale 1/256 and zero point -128.
  func checkUnitInterval() throws(NodeProblem) {
    guard output.isUnitInterval else {
      throw .quantization(
        output.name, found: output.parameters, expected: "scale 1/256 and zero point -128")
    }
  }
}
