internal import HostKernels
internal import NetworkGraph
internal import Tensors

/// Makes layers of nodes; a function of the kernels behind a batch normalization becomes part of it.
struct LayerBuilder {
  let graph: Graph
  let parameters: Parameters
  let normalizations: [String: Normalization]
  let batch: Int
  let dropout: Float
  let codes: CodedTensors
  var shapes: [Shape]
  var rows: [(layer: any BatchLayer, inputs: [Int], output: Int)] = []
  var normalizationLayers: [String: NormalizationLayer] = [:]
  /// By tensor.
  var roundings: [Int: RoundingLayer] = [:]
  private(set) var logits: Int

  init(
    _ graph: Graph, _ parameters: Parameters, _ normalizations: [String: Normalization],
    batch: Int, dropout: Float, codes: CodedTensors
  ) {
    self.codes = codes
    (self.graph, self.parameters, self.normalizations) = (graph, parameters, normalizations)
    (self.batch, self.dropout) = (batch, dropout)
    shapes = graph.tensors.map(\.shape)
    logits = graph.output
  }

  mutating func build() throws(TrainingError) {
    let last = graph.nodes.lastIndex {
      switch $0.operation {
      case .fullyConnected, .conv2D: true
      default: false
      }
    }
    var merged: Set<Int> = []
    for (index, node) in graph.nodes.enumerated() where !merged.contains(index) {
      if index == graph.nodes.count - 1, isProbability(node.operation) {
        logits = node.inputs[0]
        continue
      }
      if case .batchNormalization(let layer) = node.operation {
        let follower = functionAfter(node)
        add(layer, node, follower.map { graph.nodes[$0] })
        if let follower { merged.insert(follower) }
        continue
      }
      switch node.operation {
      case .softmax, .logSoftmax, .prelu, .transposedConv2D:
        throw .operation(node: node.name, node.operation.name)
      case .fakeQuantize: throw .quantized(node: node.name)
      default: break
      }
      var inputs = node.inputs
      if index == last, dropout > 0 { inputs = [addDropout(node.inputs[0])] }
      append(layer(node), inputs, node.output)
      if !codes.all.isEmpty, let outputs = node.operation.weightedOutputs {
        let steps = [Float](repeating: 0, count: outputs)
        _ = parameters.add("\(node.name) steps", steps, decays: false)
      }
    }
  }

  /// Adds a row, and one that rounds where the output has codes.
  private mutating func append(_ layer: any BatchLayer, _ inputs: [Int], _ output: Int) {
    guard codes.all.contains(output) else { return rows.append((layer, inputs, output)) }
    let computed = shapes.count
    shapes.append(shapes[output])
    let rounding = RoundingLayer(
      shapes[output], graph.tensors[output].name, learns: codes.learning.contains(output),
      parameters)
    roundings[output] = rounding
    rows += [(layer, inputs, computed), (rounding, [computed], output)]
  }

  private func isProbability(_ operation: Operator) -> Bool {
    switch operation {
    case .softmax, .logSoftmax, .activation(.logistic): true
    default: false
    }
  }

  private func functionAfter(_ node: Node) -> Int? {
    let readers = graph.consumers(of: node.output)
    guard readers.count == 1, node.output != graph.output, !codes.all.contains(node.output),
      let reader = readers.first,
      case .activation(let activation) = graph.nodes[reader].operation, activation.native != nil,
      !(reader == graph.nodes.count - 1 && isProbability(graph.nodes[reader].operation))
    else { return nil }
    return reader
  }

  private mutating func add(
    _ layer: Operator.BatchNormalization, _ node: Node, _ follower: Node?
  ) {
    var function = MNQH_IDENTITY
    if case .activation(let activation)? = follower?.operation,
      let native = activation.native
    {
      function = native
    }
    var learned = Normalization(channels: layer.scale.count, epsilon: 1e-5)
    (learned.gamma, learned.beta) = (layer.scale, layer.offset)
    let made = NormalizationLayer(
      normalizations[node.name] ?? learned, shapes[node.inputs[0]], function, node.name,
      parameters)
    normalizationLayers[node.name] = made
    append(made, node.inputs, follower?.output ?? node.output)
  }

  private mutating func addDropout(_ tensor: Int) -> Int {
    shapes.append(shapes[tensor])
    rows.append(
      (DropoutLayer(shapes[tensor], share: dropout), [tensor], shapes.count - 1))
    return shapes.count - 1
  }

  private func layer(_ node: Node) -> any BatchLayer {
    let (inputs, output) = (node.inputs.map { shapes[$0] }, shapes[node.output])
    switch node.operation {
    case .conv2D(let conv) where conv.groups > 1:
      return GroupedLayer(
        conv, inputs[0], output, node.name, parameters, isBiased: isBiased(node, conv.bias),
        batch: batch)
    case .conv2D(let conv):
      return DenseLayer(
        conv, inputs[0], output, node.name, parameters, isBiased: isBiased(node, conv.bias))
    case .depthwiseConv2D(let conv):
      return DepthwiseLayer(
        conv, inputs[0], output, node.name, parameters, isBiased: isBiased(node, conv.bias))
    case .fullyConnected(let layer): return DenseLayer(layer, node.name, parameters)
    case .activation(let activation):
      guard let native = activation.native else { return CurveLayer(output, activation) }
      return FunctionLayer(output, native)
    case .add: return BroadcastLayer(.sum, inputs, output)
    case .multiply: return BroadcastLayer(.product, inputs, output)
    case .averagePool(let pool): return PoolLayer(.average, pool, inputs[0], output)
    case .maxPool(let pool): return PoolLayer(.largest, pool, inputs[0], output)
    case .globalAveragePool: return GlobalPoolLayer(inputs[0])
    case .pad(let padding): return PadLayer(padding, inputs[0], output)
    case .concatenate(let layer): return ConcatenateLayer(layer, inputs, output)
    case .rearrange(let layer): return RearrangeLayer(layer.order, inputs[0], output)
    case .resize(let resize): return ResizeLayer(resize, inputs[0], output)
    case .reshape, .softmax, .logSoftmax, .prelu, .batchNormalization, .transposedConv2D,
      .fakeQuantize:
      return ReshapeLayer(output)
    }
  }

  /// Whether a bias is trained: not where it is zeros and a normalization alone reads the output.
  private func isBiased(_ node: Node, _ bias: [Float]) -> Bool {
    let readers = graph.consumers(of: node.output)
    guard bias.allSatisfy({ $0 == 0 }), readers.count == 1,
      case .batchNormalization = graph.nodes[readers[0]].operation
    else { return true }
    return false
  }
}

/// Tensors whose values are those of codes, by index.
package struct CodedTensors: Sendable {
  package let all: Set<Int>
  /// Those whose scale is learned.
  package let learning: Set<Int>

  package init(all: Set<Int> = [], learning: Set<Int> = []) {
    (self.all, self.learning) = (all, learning)
  }
}

extension Operator {
  /// Output channels that have weights of their own; `nil` for operators that do not train any as
  /// codes.
  fileprivate var weightedOutputs: Int? {
    switch self {
    case .conv2D(let layer): layer.outputChannels
    case .depthwiseConv2D(let layer): layer.outputChannels
    case .fullyConnected(let layer): layer.outputCount
    case .batchNormalization, .activation, .add, .multiply, .averagePool, .maxPool,
      .globalAveragePool, .pad, .reshape, .softmax, .logSoftmax, .prelu, .concatenate, .rearrange,
      .resize, .transposedConv2D, .fakeQuantize:
      nil
    }
  }
}
