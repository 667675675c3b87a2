import Calibration
import NetworkGraph
import Quantizer
import Tensors

extension Graph {
  /// The same network as a file of codes has it: most tensors rounded to codes that cover what
  /// `table` saw, and most weights whole steps of 8 bits, with a zero point now and then.
  func withCodes(_ table: CalibrationTable, _ draw: inout Draw) throws -> Graph {
    var coded = Graph(name: name, preprocessing: preprocessing, labels: labels)
    coded.preprocessingOrigins = preprocessingOrigins
    var known = [Int?](repeating: nil, count: tensors.count)
    var codes: [Int: Operator.FakeQuantize] = [:]
    func round(_ tensor: Int, _ source: Int, _ draw: inout Draw) throws -> Int {
      guard !draw.once(in: 6), let entry = table[tensors[tensor].name] else { return source }
      let range = CalibrationMethod.minMax.range(entry.statistics)
      let parameters = AffineParameters(
        covering: Double(range.lowerBound)...Double(range.upperBound))
      let producer = producer(of: tensor).map { nodes[$0] }
      var chosen = Operator.FakeQuantize(
        scale: Float(parameters.scale), zeroPoint: parameters.zeroPoint)
      if let producer, producer.operation.macs(output: tensors[tensor].shape) == 0,
        let before = codes[producer.inputs[0]], producer.inputs.count == 1, !draw.once(in: 3)
      {
        chosen = before
      }
      codes[tensor] = chosen
      return try coded.add("codes-\(tensor)", .fakeQuantize(chosen), source)
    }
    coded.input = coded.addTensor(tensors[input].name, tensors[input].shape)
    known[input] = try round(input, coded.input, &draw)
    for node in nodes {
      let output = try coded.add(
        node.name, node.operation.withSteps(&draw), inputs: node.inputs.compactMap { known[$0] })
      coded.tensors[output].name = tensors[node.output].name
      known[node.output] = try round(node.output, output, &draw)
    }
    coded.output = known[output] ?? coded.input
    return coded
  }
}

extension Operator {
  /// The same with weights that are whole steps, of -127 ... 127 or of -255 ... 255, as a rule.
  fileprivate func withSteps(_ draw: inout Draw) -> Operator {
    guard !draw.once(in: 5) else { return self }
    let most: Float = draw.once(in: 4) ? 200 : 127
    func stepped(_ weights: [Float], _ count: Int, _ channel: (Int) -> Int) -> ([Float], [Float]) {
      var largest = [Float](repeating: 0, count: count)
      for index in weights.indices {
        largest[channel(index)] = max(largest[channel(index)], abs(weights[index]))
      }
      let steps = largest.map { $0 > 0x1p-60 ? $0 / most : 1 }
      return (
        weights.indices.map { (weights[$0] / steps[channel($0)]).rounded() * steps[channel($0)] },
        steps
      )
    }
    switch self {
    case .conv2D(var layer):
      let each = layer.patchCount
      (layer.weights, layer.weightSteps) = stepped(layer.weights, layer.outputChannels) {
        $0 / each
      }
      return .conv2D(layer)
    case .depthwiseConv2D(var layer):
      let count = layer.outputChannels
      (layer.weights, layer.weightSteps) = stepped(layer.weights, count) { $0 % count }
      return .depthwiseConv2D(layer)
    case .fullyConnected(var layer):
      let each = layer.inputCount
      (layer.weights, layer.weightSteps) = stepped(layer.weights, layer.outputCount) { $0 / each }
      return .fullyConnected(layer)
    default: return self
    }
  }
}
