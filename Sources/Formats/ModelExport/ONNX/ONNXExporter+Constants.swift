internal import QuantizedIR
internal import Tensors

extension ONNXExporter {
  /// The real values of weights and bias.
  ///
  /// - Throws: `ExportError.inexpressible` where the scales of the weights are not known, `.curve`
  ///   where the sums keep 16 bits.
  mutating func constants(
    _ operation: some ChannelRequantized, _ layer: Layer, _ shape: Shape, _ weights: [Int8]
  ) throws(ExportError) -> [String] {
    if let curve = operation.curve { throw .curve(layer: layer.name, function: curve.function) }
    let scales = layer.weightScales.values
    guard scales.count == operation.bias.count else {
      throw inexpressible(layer, "weights without a scale for each output channel")
    }
    let inputScale = Float(inputs(layer)[0].scale)
    let weights = writer.constant("\(layer.name)/weights", shape, weights)
    let bias = writer.constant("\(layer.name)/bias", [scales.count], operation.bias.values)
    // Without zero points ONNX Runtime's change of weights to unsigned codes fails.
    let zeros = writer.constant(
      "\(layer.name)/weights/zeroPoint", [scales.count], [Int8](repeating: 0, count: scales.count))
    return [
      dequantized(weights, scales, [zeros]),
      dequantized(bias, scales.map { $0 * inputScale }, []),
    ]
  }

  /// The real values of `codes`, with a scale for each place of axis 0.
  private mutating func dequantized(
    _ codes: String, _ scales: [Float], _ zeroPoints: [String]
  ) -> String {
    let scale = writer.constant("\(codes)/scale", [scales.count], scales)
    return writer.node(
      "DequantizeLinear", [codes, scale] + zeroPoints, ["axis": .integer(0)],
      named: "\(codes)/real")
  }
}
