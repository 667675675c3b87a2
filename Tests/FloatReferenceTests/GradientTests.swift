import FloatReference
import NetworkGraph
import Tensors
import Testing

/// Slopes against what the output does when one value is moved.
@Suite struct GradientTests {
  private static let padding = Padding(top: 1, left: 0, bottom: 1, right: 2)

  /// Every operator, with strides, dilation, padding, a channel multiplier and broadcasting.
  private func network() throws -> Graph {
    var random = SplitMix64(seed: 21)
    var graph = Graph(name: "all", preprocessing: .unit(channels: 3))
    graph.input = graph.addTensor("input", [1, 9, 8, 3])
    let gated = try Self.addGate(to: &graph, &random)
    graph.output = try Self.addHead(to: &graph, gated, &random)
    return graph
  }

  /// Convolutions, and a sum of two that a gate scales.
  private static func addGate(to graph: inout Graph, _ random: inout SplitMix64) throws -> Int {
    let stem = try graph.add(
      "stem",
      .conv2D(
        Operator.Conv2D(
          weights: random.small(8 * 9 * 3), bias: random.small(8), kernel: Extent(3, 3),
          stride: Extent(2, 1), padding: padding, inputChannels: 3, outputChannels: 8)),
      graph.input)
    let normalized = try graph.add(
      "normalized",
      .batchNormalization(
        Operator.BatchNormalization(scale: random.floats(8), offset: random.small(8))), stem)
    let swish = try graph.add("swish", .activation(.hardSwish), normalized)
    let grouped = try graph.add(
      "grouped",
      .conv2D(
        Operator.Conv2D(
          weights: random.small(8 * 9 * 4), bias: random.small(8), kernel: Extent(3, 3),
          dilation: Extent(2, 1), padding: Padding(top: 2, left: 1, bottom: 2, right: 1),
          inputChannels: 8, outputChannels: 8, groups: 2)), swish)
    let sum = try graph.add("sum", .add, grouped, swish)
    let pooled = try graph.add("pooled", .globalAveragePool, sum)
    let gate = try graph.add("gate", .activation(.hardSigmoid), pooled)
    return try graph.add("gated", .multiply, sum, gate)
  }

  /// What follows: depthwise, pools and classifier.
  private static func addHead(
    to graph: inout Graph, _ gated: Int, _ random: inout SplitMix64
  ) throws -> Int {
    let depthwise = try graph.add(
      "depthwise",
      .depthwiseConv2D(
        Operator.DepthwiseConv2D(
          weights: random.small(9 * 16), bias: random.small(16).map { $0 + 2 },
          kernel: Extent(3, 3), stride: Extent(1, 2), padding: padding, channels: 8,
          multiplier: 2)), gated)
    let relu = try graph.add("relu", .activation(.relu), depthwise)
    let padded = try graph.add("padded", .pad(padding), relu)
    let pool = Operator.Pool(kernel: Extent(2, 2), stride: Extent(2, 2))
    let average = try graph.add("average", .averagePool(pool), padded)
    let largest = try graph.add("largest", .maxPool(pool), average)
    let bounded = try graph.add("bounded", .activation(.relu6), largest)
    let flat = try graph.add(
      "flat", .reshape([1, graph.tensors[bounded].shape.count]), bounded)
    let count = graph.tensors[flat].shape.count
    let logits = try graph.add(
      "logits",
      .fullyConnected(
        Operator.FullyConnected(
          weights: random.small(count * 5), bias: random.small(5), inputCount: count,
          outputCount: 5)), flat)
    let logistic = try graph.add("logistic", .activation(.logistic), logits)
    return try graph.add("softmax", .softmax, logistic)
  }

  @Test func slopesAreWhatTheOutputDoes() throws {
    let graph = try network()
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    var random = SplitMix64(seed: 22)
    let activations = reference.activations(random.floats(graph.inputShape.count), in: arena)
    let direction: [Float] = [3, -1, 2, 0.5, -2]
    let gradients = reference.gradients(of: direction, at: activations)
    for tensor in graph.tensors.indices {
      let gradient = gradients[tensor]
      #expect(gradient.count == graph.tensors[tensor].shape.count)
      let largest = gradient.map(\.magnitude).max() ?? 0
      #expect(largest > 0, "\(graph.tensors[tensor].name)")
      let step: Float = 2e-3
      var misses = 0
      for index in gradient.indices {
        func output(_ change: Float) -> Float {
          var moved = activations
          moved[tensor][index] += change
          let output = rest(of: graph, after: tensor, moved, reference, arena)
          return zip(output, direction).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let slope = (output(step) - output(-step)) / (2 * step)
        if abs(slope - gradient[index]) > 0.03 * largest { misses += 1 }
      }
      // Those at a kink.
      #expect(misses <= gradient.count / 25, "\(graph.tensors[tensor].name): \(misses)")
    }
  }

  /// The output where `tensor` is as in `activations`.
  private func rest(
    of graph: Graph, after tensor: Int, _ activations: [[Float]], _ reference: FloatReference,
    _ arena: borrowing Arena
  ) -> [Float] {
    var values = activations
    let first = graph.producer(of: tensor).map { $0 + 1 } ?? 0
    for position in first..<graph.nodes.count {
      let node = graph.nodes[position]
      values[node.output] = reference.output(
        of: position, node.inputs.map { values[$0] }, in: arena)
    }
    return values[graph.output]
  }
}

extension SplitMix64 {
  /// Values in -0.4 ... 0.4: nothing saturates.
  fileprivate mutating func small(_ count: Int) -> [Float] { floats(count).map { $0 * 0.2 } }
}
