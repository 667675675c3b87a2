internal import FixedPoint
internal import QuantizedIR
internal import TFLiteSchema
internal import Tensors

extension PReLU {
  /// PRELU of shares that repeat along the outer axes: one, one a channel, or one a value.
  init(_ node: Int8Node) throws(NodeProblem) {
    try node.checkOutput(node.input.shape)
    let tensor = try node.constant(1)
    guard tensor.scales.count == 1, let scale = tensor.scales.first, scale > 0, scale.isFinite,
      tensor.zeroPoints.count <= 1, let zeroPoint = Int8(exactly: tensor.zeroPoints.first ?? 0)
    else {
      throw .quantization(
        tensor.name, found: "\(tensor.scales.count) scales", expected: "one positive scale")
    }
    let codes = try tensor.named { tensor throws(TensorProblem) in try tensor.int8s() }
    guard node.input.shape.takesShares(tensor.dimensions) else {
      throw .constantShape(
        tensor.name, found: tensor.dimensions,
        expected: "one value, or one for each channel or value of \(node.input.shape.dimensions)")
    }
    let alpha = codes.map { Int16($0) - Int16(zeroPoint) }
    guard let layer = PReLU(node.input, node.output, alpha: alpha, alphaScale: scale) else {
      throw .quantization(
        node.output.name, found: node.output.parameters,
        expected: "a scale within reach of the input's, \(node.input.parameters)")
    }
    self = layer
  }
}

extension Shape {
  /// Whether a constant of these sizes repeats from the innermost axis outwards.
  func takesShares(_ sizes: [Int]) -> Bool {
    let own = Array(sizes.drop { $0 == 1 })
    return own.count <= rank && Array(dimensions.suffix(own.count)) == own
  }
}
