internal import FixedPoint
package import NetworkGraph
package import QuantizedIR
internal import Tensors

/// Turns a float graph and the ranges of its tensors into integers: the only place where real
/// numbers become codes.
package struct Quantizer {
  private let graph: Graph
  private let rounding: Rounding
  /// The clamping activation that the layer before it takes over, by position of its node.
  private let fusions: [Int: Fusion]
  private let parameters: TensorParameters

  private var tensors: [QuantizedTensor] = []
  private var layers: [Layer] = []
  /// The quantized tensor that holds a graph tensor.
  private var quantizedIndex: [Int: Int] = [:]

  /// Quantizes `graph`, whose batch normalizations have been folded.
  ///
  /// - Parameters:
  ///   - ranges: The calibrated range of a tensor by name, in real units.
  ///   - provenance: Recorded in the model as it is.
  package static func quantize(
    _ graph: Graph, recipe: Recipe, provenance: Provenance,
    ranges: (String) -> ClosedRange<Double>?
  ) throws(QuantizationError) -> QuantizedModel {
    var quantizer = try Quantizer(graph, recipe, provenance.rounding, ranges)
    return try quantizer.model(provenance)
  }

  private init(
    _ graph: Graph, _ recipe: Recipe, _ rounding: Rounding,
    _ ranges: (String) -> ClosedRange<Double>?
  ) throws(QuantizationError) {
    self.graph = graph
    self.rounding = rounding
    fusions = graph.clampFusions
    parameters = try TensorParameters(graph, recipe: recipe, ranges: ranges)
  }

  private mutating func model(_ provenance: Provenance) throws(QuantizationError) -> QuantizedModel
  {
    let input = addTensor(graph.input)
    for (position, node) in graph.nodes.enumerated() where !isFused(position) {
      try lower(node, fusions[position])
    }
    return QuantizedModel(
      name: graph.name, tensors: tensors, layers: layers, input: input,
      output: quantizedIndex[graph.output] ?? input,
      pixelEncoding: PixelEncoding(preprocessing: graph.preprocessing, input: tensors[input]),
      labels: graph.labels, provenance: provenance)
  }

  private func isFused(_ position: Int) -> Bool {
    fusions.values.contains { $0.node == position }
  }

  private mutating func addTensor(_ graphTensor: Int, aliasOf: Int? = nil) -> Int {
    let tensor = graph.tensors[graphTensor]
    let parameters = parameters.values[graphTensor]
    quantizedIndex[graphTensor] = tensors.count
    tensors.append(
      QuantizedTensor(
        name: tensor.name, shape: tensor.shape, scale: parameters.scale,
        zeroPoint: parameters.zeroPoint, aliasOf: aliasOf))
    return tensors.count - 1
  }

  private mutating func lower(_ node: Node, _ fusion: Fusion?) throws(QuantizationError) {
    let inputs = node.inputs.compactMap { quantizedIndex[$0] }
    if case .reshape = node.operation {
      _ = addTensor(node.output, aliasOf: tensors[inputs[0]].aliasOf ?? inputs[0])
      return
    }
    let output = addTensor(fusion?.output ?? node.output)
    let context = LayerContext(
      name: node.name, inputs: inputs.map { tensors[$0] }, output: tensors[output],
      fused: fusion?.activation, rounding: rounding)
    let (operation, scales) = try Self.quantized(node.operation, context)
    layers.append(
      Layer(
        name: node.name, operation: operation, inputs: inputs, output: output,
        weightScales: scales))
  }

  private static func quantized(
    _ operation: Operator, _ context: LayerContext
  ) throws(QuantizationError) -> (Operation, Constants<Float>) {
    switch operation {
    case .conv2D(let conv):
      let (layer, scales) = try conv.quantized(context)
      return (.conv2D(layer), scales)
    case .depthwiseConv2D(let conv):
      let (layer, scales) = try conv.quantized(context)
      return (.depthwiseConv2D(layer), scales)
    case .batchNormalization(let normalization):
      let (layer, scales) = try normalization.asDepthwiseConv2D.quantized(context)
      return (.depthwiseConv2D(layer), scales)
    case .fullyConnected(let fullyConnected):
      let (layer, scales) = try fullyConnected.quantized(context)
      return (.fullyConnected(layer), scales)
    case .activation(let activation): return (.lookup(Lookup(activation, context)), [])
    case .add: return (.add(try Add(context)), [])
    case .multiply: return (.multiply(try Multiply(context)), [])
    case .averagePool(let pool): return (.averagePool(AveragePool(pool, context)), [])
    case .globalAveragePool: return (.mean(try Mean(context)), [])
    case .maxPool(let pool): return (.maxPool(MaxPool(pool, context)), [])
    case .pad(let padding): return (.copy(Copy.pad(padding, context)), [])
    case .softmax: return (.softmax(try Softmax(context)), [])
    case .reshape: preconditionFailure("a reshape is an alias, not a layer")
    }
  }
}

extension Operator.BatchNormalization {
  /// The same function as a convolution of each pixel alone.
  fileprivate var asDepthwiseConv2D: Operator.DepthwiseConv2D {
    Operator.DepthwiseConv2D(weights: scale, bias: offset, kernel: .unit, channels: scale.count)
  }
}
