internal import HostKernels
package import NetworkGraph
package import Tensors

/// A float network that learns: a graph whose nodes run over batches of images, forward and
/// backward. One that ends in softmax or the logistic function learns from what goes into it.
package final class TrainingNetwork {
  /// As it was given; its weights are those at the start.
  package let graph: Graph
  /// The most images of a batch.
  package let batch: Int
  package let parameters = Parameters()
  private var rows: [Row] = []
  private var normalizations: [String: NormalizationLayer] = [:]
  private var roundings: [Int: RoundingLayer] = [:]
  /// By tensor: what a batch has there; of no size for those that nobody reads.
  private var activations: [Floats] = []
  private let memory: StepMemory
  private let team: Team
  private let pool = FloatPool()
  /// The tensor of the logits.
  package let logits: Int

  /// A layer and the tensors that it reads and writes.
  private struct Row {
    let layer: any BatchLayer
    let inputs: [Int]
    let output: Int
  }

  /// Prepares `graph`, not simplified, for batches of at most `batch` images.
  ///
  /// - Throws: `TrainingError.operation` for softmax that is not at the end, and for PReLU.
  ///
  /// - Parameters:
  ///   - normalizations: By node: what batch normalizations have learned and gathered. Others take
  ///     their node's scale and offset as learned and gather from 0 and 1 on.
  ///   - dropout: The share of values that are left out in front of the last layer with weights.
  ///   - codes: The tensors whose values a `CodeSource` puts there.
  package init(
    _ graph: Graph, normalizations: [String: Normalization] = [:], batch: Int,
    dropout: Float = 0, codes: CodedTensors = CodedTensors(), team: Team
  ) throws(TrainingError) {
    precondition(batch > 0 && (0..<1).contains(dropout))
    guard graph.inputs.count == 1, graph.outputs.count == 1 else {
      throw .interface(inputs: graph.inputs.count, outputs: graph.outputs.count)
    }
    (self.graph, self.batch, self.team) = (graph, batch, team)
    var builder = LayerBuilder(
      graph, parameters, normalizations, batch: batch, dropout: dropout, codes: codes)
    try builder.build()
    logits = builder.logits
    rows = builder.rows.map { Row(layer: $0.layer, inputs: $0.inputs, output: $0.output) }
    (self.normalizations, roundings) = (builder.normalizationLayers, builder.roundings)
    parameters.allocate()
    memory = StepMemory(rows.map(\.layer), threads: team.threads)
    let used = Set(rows.flatMap { $0.inputs + [$0.output] })
    activations = builder.shapes.enumerated().map {
      Floats(used.contains($0) ? batch * $1.count : 0)
    }
  }

  /// Values of an input image.
  package var inputCount: Int { graph.inputShape.count }
  /// Classes, or 1 for the answer to a yes-or-no question.
  package var outputCount: Int { graph.tensors[graph.output].shape.count }

  /// Where a batch's images are put, `[image][value]`.
  package var input: UnsafeMutablePointer<Float> { activations[graph.input].start }
  /// Where the logits of a batch are found, `[image][class]`.
  package var output: UnsafePointer<Float> { UnsafePointer(activations[logits].start) }

  /// What the batch that went forward last has in a tensor of the graph.
  func values(of tensor: Int) -> UnsafePointer<Float> { UnsafePointer(activations[tensor].start) }

  /// Where a batch finds the values of a tensor that has codes; `nil` where it has none that matter.
  package func codedValues(of tensor: Int) -> UnsafeMutablePointer<Float>? {
    roundings[tensor].map { _ in activations[tensor].start }
  }

  /// What was computed for a tensor that has codes, before it was rounded.
  package func computedValues(of tensor: Int) -> UnsafePointer<Float>? {
    let rounding = roundings[tensor]
    return rows.first { $0.layer === rounding }.map {
      UnsafePointer(activations[$0.inputs[0]].start)
    }
  }

  /// Says which real values round to a code of `tensor`.
  package func set(reach: ClosedRange<Float>, of tensor: Int) { roundings[tensor]?.reach = reach }

  package func forward(_ images: Int, _ mode: BatchMode, seed: UInt64 = 0) {
    precondition((1...batch).contains(images))
    for row in rows { row.layer.forward(step(row, images, mode, seed)) }
  }

  /// Sets the gradient of every parameter to that of what has the gradient `upstream`,
  /// `[image][class]`, at the logits of the batch that went forward last. Of what that batch has in
  /// the tensors, only input and logits are left afterwards.
  package func backward(_ images: Int, _ mode: BatchMode, seed: UInt64 = 0, from upstream: [Float])
  {
    precondition(upstream.count == images * outputCount)
    parameters.gradients.clear()
    var gradients: [Int: Floats] = [:]
    let first = pool.take(activations[logits].count)
    upstream.withUnsafeBufferPointer { values in
      if let base = values.baseAddress { first.start.update(from: base, count: upstream.count) }
    }
    gradients[logits] = first
    for row in rows.reversed() {
      // Nobody reads what the row made any more.
      defer { if row.output != logits { pool.lend(activations[row.output]) } }
      guard let arriving = gradients.removeValue(forKey: row.output) else { continue }
      var step = step(row, images, mode, seed)
      step.upstream = arriving.start
      // The network's input is no parameter.
      let targets = row.inputs.map { input -> Floats? in
        guard input != graph.input else { return nil }
        let replaces =
          row.layer.replacesGradient && activations[input].count == activations[row.output].count
        return replaces ? arriving : pool.take(activations[input].count)
      }
      step.gradients = targets.map { $0?.start }
      row.layer.backward(step)
      for (input, target) in zip(row.inputs, targets) {
        guard let target else { continue }
        if let sum = gradients[input] {
          add(target, to: sum, images * valueCount(input))
          pool.give(target)
        } else {
          gradients[input] = target
        }
      }
      if !targets.contains(where: { $0 === arriving }) { pool.give(arriving) }
    }
    for left in gradients.values { pool.give(left) }
    pool.recall()
  }

  private func valueCount(_ tensor: Int) -> Int { activations[tensor].count / batch }

  private func add(_ values: Floats, to sum: Floats, _ count: Int) {
    let pieces = Parts.most
    team.run(pieces) { piece, _ in
      let first = piece * count / pieces
      mnqh_add_f32(
        (piece + 1) * count / pieces - first, sum.start + first, values.start + first, -.infinity,
        .infinity, sum.start + first)
    }
  }

  private func step(_ row: Row, _ images: Int, _ mode: BatchMode, _ seed: UInt64) -> LayerStep {
    LayerStep(
      images: images, mode: mode, seed: seed, inputs: row.inputs.map { activations[$0].start },
      output: activations[row.output].start, parameters: parameters, team: team, memory: memory)
  }

  /// What every batch normalization has learned and gathered, by node.
  package var learnedNormalizations: [String: Normalization] {
    normalizations.mapValues { $0.normalization(parameters) }
  }

  /// The graph with the weights of now; normalizations as scale and offset.
  package var learnedGraph: Graph {
    var graph = graph
    for index in graph.nodes.indices {
      let name = graph.nodes[index].name
      graph.nodes[index].operation = learned(graph.nodes[index].operation, name)
    }
    return graph
  }

  private func learned(_ operation: Operator, _ name: String) -> Operator {
    func grouped(_ kind: String, _ groups: Int) -> [Float] {
      parameters.ranges(name, kind, groups: groups).flatMap { parameters.values($0) }
    }
    func values(_ kind: String) -> [Float] { grouped(kind, 1) }
    /// A bias that is not trained stays what it was.
    func stored(_ bias: [Float], _ old: [Float]) -> [Float] { bias.isEmpty ? old : bias }
    switch operation {
    case .conv2D(var layer):
      layer.weights = grouped("kernel", layer.groups)
      layer.bias = stored(grouped("bias", layer.groups), layer.bias)
      layer.weightSteps = []
      return .conv2D(layer)
    case .depthwiseConv2D(var layer):
      (layer.weights, layer.bias) = (values("kernel"), stored(values("bias"), layer.bias))
      layer.weightSteps = []
      return .depthwiseConv2D(layer)
    case .fullyConnected(var layer):
      (layer.weights, layer.bias) = (values("kernel"), values("bias"))
      layer.weightSteps = []
      return .fullyConnected(layer)
    case .batchNormalization:
      guard let n = normalizations[name]?.normalization(parameters) else { return operation }
      return .batchNormalization(n.operation)
    case .activation, .add, .multiply, .averagePool, .maxPool, .globalAveragePool, .pad, .reshape,
      .softmax, .logSoftmax, .prelu, .concatenate, .rearrange, .resize, .transposedConv2D,
      .fakeQuantize:
      return operation
    }
  }
}
