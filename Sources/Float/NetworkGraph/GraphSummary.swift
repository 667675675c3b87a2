package import Tensors

/// What a network costs, layer by layer.
package struct GraphSummary: Hashable, Sendable {
  package var layers: [LayerSummary]
  /// Bytes of all parameters as 32-bit floats.
  package var floatBytes: Int
  /// Bytes of the int8 network's constants: weights, and bias, multiplier and shift by channel, with
  /// batch normalizations folded; tables of the curved activations.
  package var int8Bytes: Int
  /// The most int8 activation bytes alive at once, where element-wise functions work in place: what
  /// a plan needs whose other layers write beside what they read, so overlap and strips can go below.
  package var peakActivationBytes: Int

  package init(_ graph: Graph) {
    layers = graph.nodes.map { LayerSummary($0, graph) }
    floatBytes = 4 * layers.reduce(0) { $0 + $1.parameters }
    int8Bytes = graph.nodes.reduce(0) { $0 + $1.operation.traits.int8ConstantBytes }
    peakActivationBytes = graph.peakActivationBytes
    for block in graph.separableBlocks {
      layers[block.pointwise].separableRatio = graph.separableRatio(block)
    }
  }

  package var parameters: Int { layers.reduce(0) { $0 + $1.parameters } }
  package var macs: Int { layers.reduce(0) { $0 + $1.macs } }

  /// The part of all multiplications that a layer does, in `0...1`.
  package func share(_ layer: LayerSummary) -> Double {
    macs == 0 ? 0 : Double(layer.macs) / Double(macs)
  }
}

/// One row of a summary.
package struct LayerSummary: Hashable, Sendable {
  package var name: String
  /// The operator's name.
  package var operation: String
  package var outputShape: Shape
  /// Trained numbers, as training frameworks count them: batch normalization has two a channel.
  package var parameters: Int
  /// Multiplications and accumulations for one image.
  package var macs: Int
  /// At the end of a depthwise-separable block: its multiplications over those of the convolution it
  /// replaces, which is 1 / N + 1 / K^2 for N output channels and a K x K kernel.
  package var separableRatio: Double?

  init(_ node: Node, _ graph: Graph) {
    name = node.name
    operation = node.operation.name
    outputShape = graph.tensors[node.output].shape
    parameters = graph.parameterCount(node)
    macs = node.operation.macs(output: outputShape)
  }
}

extension Graph {
  /// Trained values of all nodes.
  package var parameterCount: Int { nodes.reduce(0) { $0 + parameterCount($1) } }

  /// Multiplications and accumulations of one inference.
  package var macs: Int {
    nodes.reduce(0) { $0 + $1.operation.macs(output: tensors[$1.output].shape) }
  }

  /// Trained values of a node. A bias of zeros before a batch normalization is none: it stands for
  /// a convolution without bias.
  package func parameterCount(_ node: Node) -> Int {
    let (count, bias) = (node.operation.constantCount, node.operation.traits.convolutionBias)
    let readers = consumers(of: node.output)
    guard bias.allSatisfy({ $0 == 0 }), readers.count == 1,
      case .batchNormalization = nodes[readers[0]].operation
    else { return count }
    return count - bias.count
  }
}

extension Graph {
  /// The most bytes of int8 activations alive at once, one byte a value.
  var peakActivationBytes: Int {
    // The tensor in whose bytes each tensor lies.
    var home = Array(tensors.indices)
    var lastUse = [Int](repeating: -1, count: tensors.count)
    for (position, node) in nodes.enumerated() {
      // Where each value depends on one, the output can be written over the input.
      let operation = node.operation.traits
      if operation.isElementwise || operation.keepsValues,
        consumers(of: node.inputs[0]).count == 1
      {
        home[node.output] = home[node.inputs[0]]
      }
      for tensor in node.inputs + [node.output] { lastUse[home[tensor]] = position }
    }
    lastUse[home[output]] = nodes.count
    var alive: Set<Int> = [input]
    var peak = tensors[input].shape.count
    for (position, node) in nodes.enumerated() {
      alive.insert(home[node.output])
      peak = max(peak, alive.reduce(0) { $0 + tensors[$1].shape.count })
      alive = alive.filter { lastUse[$0] > position }
    }
    return peak
  }
}

/// A depthwise convolution and the 1 x 1 convolution that mixes its channels, as positions of nodes.
struct SeparableBlock {
  let depthwise: Int
  let pointwise: Int
}

extension Graph {
  /// Every depthwise-separable block, in execution order. Element-wise functions and the gate of
  /// squeeze-and-excitation may stand between its two convolutions.
  var separableBlocks: [SeparableBlock] {
    nodes.indices.compactMap { position in
      guard case .conv2D(let conv) = nodes[position].operation, conv.kernel == .unit,
        let depthwise = depthwise(before: nodes[position].inputs[0])
      else { return nil }
      return SeparableBlock(depthwise: depthwise, pointwise: position)
    }
  }

  /// Multiplications of the block over those of one convolution with its kernel and channels.
  func separableRatio(_ block: SeparableBlock) -> Double {
    let (first, second) = (nodes[block.depthwise], nodes[block.pointwise])
    guard case .depthwiseConv2D(let depthwise) = first.operation else { return 1 }
    let output = tensors[second.output].shape
    let separable =
      first.operation.macs(output: tensors[first.output].shape)
      + second.operation.macs(output: output)
    return Double(separable) / Double(output.count * depthwise.kernel.count * depthwise.channels)
  }

  /// The depthwise convolution whose values, element by element, `tensor` holds.
  private func depthwise(before tensor: Int) -> Int? {
    guard let producer = producer(of: tensor) else { return nil }
    let node = nodes[producer]
    if case .depthwiseConv2D = node.operation { return producer }
    let input = node.operation.traits.elementwiseInput(
      node.inputs.map { tensors[$0].shape }, output: tensors[tensor].shape)
    return input.flatMap { depthwise(before: node.inputs[$0]) }
  }
}
