package import NetworkGraph
package import QuantizedIR
internal import Tensors

/// What a quantization decided: a network whose weights are whole steps, and the scale and zero point
/// of each tensor. The same graph with other weights, other steps and other scales gives a model by the
/// same rules, so that all of these can be learned (`Training`).
package struct IntegerGrid: Sendable {
  /// After the passes that rescale it, batch normalizations being convolutions by channel. Inputs
  /// are those of `ExactInput` where that was taken.
  package let graph: Graph
  /// What the quantization made.
  package let model: QuantizedModel
  /// The layers with weights, in order.
  package let layers: [Weights]
  /// Graph tensors that have codes of their own, by index; reshaped ones share another's.
  package let coded: [Int]
  /// Those of `coded` whose scale may change alone.
  package let adjustable: [Int]
  private let evidence: Evidence
  private let exact: ExactInput?

  /// A layer's weights in its graph's order, and on what grid they lie.
  package struct Weights: Sendable {
    /// The position of the node.
    package let node: Int
    package let name: String
    /// Into which its kernel is cut in training.
    package let groups: Int
    /// The output channel of each weight.
    package let channels: [Int]
    /// Whole steps of their channels, as many as int8 holds.
    package var kernel: [Float]
    package var bias: [Float]
    /// One an output channel.
    package var steps: [Float]
    /// Of the codes of the output.
    package let outputScale: Double

    /// The outermost code of a weight.
    package static let mostSteps: Float = 127
  }

  /// What `quantized` was made from and became.
  init(_ quantized: QuantizedParts) {
    let model = quantized.model
    let unfolded = quantized.graph.spellingNormalizationsAsConvolutions
    let tensors = Dictionary(model.tensors.enumerated().map { ($1.name, $0) }) { first, _ in first }
    let codes = unfolded.tensors.map { tensor in
      tensors[tensor.name].map { model.tensors[$0] }.flatMap { $0.aliasOf == nil ? $0 : nil }
    }
    let joined = JoinedRanges(unfolded)
    let made = Set(model.layers.map { model.tensors[$0.output].name })
    coded = unfolded.nodes.map(\.output).filter {
      codes[$0] != nil && made.contains(unfolded.tensors[$0].name)
    }
    var evidence = quantized.evidence
    // Choices by images have been made.
    evidence.images = []
    let producers = Dictionary(
      unfolded.nodes.map { ($0.output, $0.operation) }, uniquingKeysWith: { first, _ in first })
    for tensor in coded {
      guard let found = codes[tensor], found.width == .int8,
        producers[tensor]?.quantizable.outputCodes == .learned
      else { continue }
      evidence.given[tensor] = AffineParameters(scale: found.scale, zeroPoint: found.zeroPoint)
    }
    adjustable = coded.filter { evidence.given[$0] != nil && joined.isAlone($0) }
    layers = unfolded.weights(of: model)
    graph = unfolded.holding(layers)
    (self.model, self.evidence, exact) = (model, evidence, quantized.exact)
  }

  /// The integers of other weights, and of tensors whose scale is `stretches` times what it was.
  ///
  /// - Parameters:
  ///   - layers: Those of `self.layers` with kernels of at most `mostSteps`.
  ///   - stretches: By index, of `adjustable`.
  package func model(
    _ layers: [Weights], stretches: [Int: Double]
  ) throws(QuantizationError) -> QuantizedModel {
    var evidence = evidence
    for (tensor, factor) in stretches {
      guard let given = evidence.given[tensor] else { continue }
      evidence.given[tensor] = AffineParameters(
        scale: given.scale * factor, zeroPoint: given.zeroPoint)
    }
    return try Quantizer.quantize(
      graph.holding(layers), .asInFile(roundsOnce: false), evidence, provenance: model.provenance)
  }

  /// What the integers of `model`, one of this grid's, stand for.
  package func weights(of model: QuantizedModel) -> [Weights] { graph.weights(of: model) }

  /// `model`, one of this grid's, as one that takes the network's inputs.
  package func finished(_ model: QuantizedModel) -> QuantizedModel {
    exact?.labeled(model) ?? model
  }

  /// Inputs of the network as `graph` takes them.
  package func inputs(_ images: [[Float]]) -> [[Float]] { exact?.shifted(images) ?? images }
}

/// A quantization's result beside what it was made from.
struct QuantizedParts {
  /// After the passes that rescale it.
  let graph: Graph
  let evidence: Evidence
  let exact: ExactInput?
  /// For the inputs of `graph`.
  let model: QuantizedModel
}

extension Graph {
  /// The same function, each batch normalization spelled as what the quantizer makes of it.
  fileprivate var spellingNormalizationsAsConvolutions: Graph {
    var graph = self
    for index in graph.nodes.indices {
      if case .batchNormalization(let layer) = graph.nodes[index].operation {
        graph.nodes[index].operation = .depthwiseConv2D(layer.asConvolution)
      }
    }
    return graph
  }

  /// What the integers of `model`, made of this graph, stand for.
  fileprivate func weights(of model: QuantizedModel) -> [IntegerGrid.Weights] {
    let made = Dictionary(model.layers.map { ($0.name, $0) }) { first, _ in first }
    return nodes.indices.compactMap { position in
      let node = nodes[position]
      guard let layer = made[node.name], let integers = layer.operation.weighted,
        node.operation.quantizable is any WeightedOperator, !layer.weightScales.values.isEmpty
      else { return nil }
      let steps = layer.weightScales.values
      let codes = integers.weights.values
      let channels = codes.indices.map { integers.channel(ofWeight: $0) }
      let inputScale = model.tensors[layer.inputs[0]].scale
      var groups = 1
      if case .conv2D(let conv) = node.operation { groups = conv.groups }
      return IntegerGrid.Weights(
        node: position, name: node.name, groups: groups, channels: channels,
        kernel: zip(codes, channels).map { Float($0) * steps[$1] },
        bias: zip(integers.bias.values, steps).map {
          Float(Double($0) * inputScale * Double($1))
        },
        steps: steps, outputScale: model.tensors[layer.output].scale)
    }
  }

  /// This graph with other weights.
  fileprivate func holding(_ layers: [IntegerGrid.Weights]) -> Graph {
    var graph = self
    for layer in layers {
      guard
        var operation = nodes[layer.node].operation.quantizable as? any WeightedOperator
      else { continue }
      (operation.weights, operation.bias) = (layer.kernel, layer.bias)
      operation.weightSteps = layer.steps
      graph.nodes[layer.node].operation = operation.inGraph
    }
    return graph
  }
}
