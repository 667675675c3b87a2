import Calibration
import FixedPoint
import NetworkGraph
import QuantizedIR
import Quantizer
import Tensors
import TestSupport
import Testing

/// What the calibration's own values meet in the model that they gave the ranges of.
@Suite struct SaturationTests {
  private let graph: Graph
  private let images: [[Float]]

  /// Three of 256 values are far from the others, which lie so close together that KL ranges rather
  /// tell these apart.
  init() throws {
    var graph = Graph(name: "gate", preprocessing: .unit(channels: 1))
    graph.input = graph.addTensor("input", [1, 16, 16, 1])
    let convolved = try graph.add(
      "conv",
      .conv2D(
        Operator.Conv2D(
          weights: [1], bias: [0], kernel: .unit, inputChannels: 1, outputChannels: 1)),
      graph.input)
    let pooled = try graph.add("pool", .globalAveragePool, convolved)
    graph.output = try graph.add("gate", .multiply, convolved, pooled)
    self.graph = graph
    var random = SplitMix64(seed: 3)
    images = (0..<20).map { _ in
      let usual = (0..<253).map { _ in
        let draws = random.floats(12, in: -0.5...0.5)
        return abs(draws.reduce(0, +)) / 64
      }
      return [10, 10, 10] + usual
    }
  }

  private func warnings(_ method: CalibrationMethod) throws -> [ModelWarning] {
    var found: [ModelWarning] = []
    _ = try Passes(ranges: .method(method)).quantize(
      graph, RecipeTests.table(of: graph, images), images: [],
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: "", rounding: .double,
        calibration: nil),
      warn: { found.append($0) })
    return found
  }

  @Test func cutValuesAreCounted() throws {
    let share = 3.0 / 256
    #expect(
      try warnings(.kullbackLeibler) == [
        .saturation(layer: "conv", share: share, of: .calibration, others: 0),
        .saturatedProduct(layer: "gate", share: share, of: .calibration, others: 0),
      ])
  }

  /// The codes of probabilities end below 1, whatever range is asked for.
  @Test func certaintyIsNoSaturation() throws {
    var graph = Graph(name: "sure", preprocessing: .unit(channels: 1))
    graph.input = graph.addTensor("input", [1, 2])
    let logits = try graph.add(
      "logits",
      .fullyConnected(
        Operator.FullyConnected(
          weights: [20, 0, 0, 20], bias: [0, 0], inputCount: 2, outputCount: 2)),
      graph.input)
    graph.output = try graph.add("softmax", .softmax, logits)
    var found: [ModelWarning] = []
    let images: [[Float]] = [[1, 0], [0, 1]]
    _ = try Passes().quantize(
      graph, RecipeTests.table(of: graph, images), images: images,
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: "", rounding: .double,
        calibration: nil),
      warn: { found.append($0) })
    #expect(found == [])
  }

  @Test func rangesOfAllValuesGiveNone() throws { #expect(try warnings(.minMax) == []) }
}
