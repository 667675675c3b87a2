import Calibration
import FloatReference
import NetworkGraph
import Quantizer
import Tensors
import TestSupport
import Testing

/// Two convolutions whose sum a third one reads, with channels whose magnitudes are known.
@Suite struct ChainEqualizationTests {
  private static let passes = Passes(equalizesChains: true)

  /// Channels of 4, 1 and 1/100 at most: divided by `sqrt(max(a / A, 1/64))`, which is 1, 1/2, 1/8.
  @Test func factorsFollowTheFormula() throws {
    let graph = try Self.graph(reader: Self.pointwise(3, 2, seed: 3))
    let equalized = Self.passes.equalized(graph, Self.statistics(graph))
    let factors = [1.0, 0.5, 0.125]
    for name in ["a", "b", "sum"] {
      let tensor = try #require(graph.tensors.firstIndex { $0.name == name })
      #expect(equalized.factors[tensor] == factors)
    }
    for node in [0, 1] {
      guard case .conv2D(let before) = graph.nodes[node].operation,
        case .conv2D(let after) = equalized.graph.nodes[node].operation
      else { throw NotAConvolution() }
      #expect(after.bias == zip(before.bias, factors).map { $0 / Float($1) })
      #expect(
        after.weights == before.weights.indices.map { before.weights[$0] / Float(factors[$0 / 2]) })
    }
    guard case .conv2D(let before) = graph.nodes[3].operation,
      case .conv2D(let after) = equalized.graph.nodes[3].operation
    else { throw NotAConvolution() }
    #expect(after.bias == before.bias)
    #expect(
      after.weights == before.weights.indices.map { before.weights[$0] * Float(factors[$0 % 3]) })
  }

  /// Powers of two cancel to the last bit: the outputs are the same numbers, and every channel in
  /// between is its old self over its factor.
  @Test func theFunctionStays() throws {
    let graph = try Self.graph(reader: Self.pointwise(3, 2, seed: 3))
    let equalized = Self.passes.equalized(graph, Self.statistics(graph))
    let (before, after) = (FloatReference(graph), FloatReference(equalized.graph))
    let beforeArena = before.makeArena()
    let afterArena = after.makeArena()
    var random = SplitMix64(seed: 4)
    for _ in 0..<20 {
      let image = random.floats(4 * 4 * 2, in: -1...1)
      let old = before.activations(image, in: beforeArena)
      let new = after.activations(image, in: afterArena)
      #expect(new[graph.output] == old[graph.output])
      for (tensor, factors) in equalized.factors.enumerated() {
        guard let factors else { continue }
        #expect(new[tensor] == old[tensor].indices.map { old[tensor][$0] / Float(factors[$0 % 3]) })
      }
    }
  }

  /// A reader that cannot undo a factor by channel, and a sum that is the output, keep the scale.
  @Test func othersAreLeftAlone() throws {
    let depthwise = Operator.depthwiseConv2D(
      Operator.DepthwiseConv2D(weights: [1, 2, 3], bias: [0, 0, 0], kernel: .unit, channels: 3))
    let grouped = Operator.conv2D(
      Operator.Conv2D(
        weights: [1, 2, 3], bias: [0, 0, 0], kernel: .unit, inputChannels: 3, outputChannels: 3,
        groups: 3))
    for reader in [depthwise, grouped, .activation(.hardSwish), nil] {
      let graph = try Self.graph(reader: reader)
      let equalized = Self.passes.equalized(graph, Self.statistics(graph))
      #expect(equalized.graph == graph)
      #expect(equalized.factors.allSatisfy { $0 == nil })
    }
  }

  private struct NotAConvolution: Error {}

  private static func graph(reader: Operator?) throws -> Graph {
    var graph = Graph(name: "chain", preprocessing: .unit(channels: 2))
    graph.input = graph.addTensor("input", [1, 4, 4, 2])
    let a = try graph.add("a", pointwise(2, 3, seed: 1), graph.input)
    let b = try graph.add("b", pointwise(2, 3, seed: 2), graph.input)
    graph.output = try graph.add("sum", .add, a, b)
    if let reader { graph.output = try graph.add("reader", reader, graph.output) }
    return graph
  }

  private static func pointwise(_ inputs: Int, _ outputs: Int, seed: UInt64) -> Operator {
    var random = SplitMix64(seed: seed)
    return .conv2D(
      Operator.Conv2D(
        weights: random.floats(inputs * outputs, in: -1...1),
        bias: random.floats(outputs, in: -1...1), kernel: .unit, inputChannels: inputs,
        outputChannels: outputs))
  }

  /// The loudest of channels 0 and 1 is in `a`, that of channel 2 in `b`; the sum is quieter.
  private static func statistics(_ graph: Graph) -> [TensorStatistics] {
    graph.tensors.map { tensor in
      var statistics = TensorStatistics(channels: tensor.shape.channels)
      let values: [Float] =
        switch tensor.name {
        case "a": [-4, 1, 0.001]
        case "b": [2, 0.5, -0.01]
        default:
          [Float](repeating: 0.5, count: tensor.shape.channels).indices.map { $0 == 2 ? 0 : 0.5 }
        }
      _ = statistics.observe(values.span)
      return statistics
    }
  }
}
