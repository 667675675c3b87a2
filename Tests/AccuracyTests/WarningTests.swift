import Datasets
import Evaluation
import FixedPoint
import Foundation
import NetworkGraph
import QuantizedIR
import Quantizer
import Tensors
import TestSupport
import Testing

/// What a comparison warns of, on a depthwise layer whose channels a product gates.
@Suite struct WarningTests {
  private let graph: Graph

  init() throws {
    let labels = BuiltInDataset.labels.count
    var graph = Graph(name: "gate", preprocessing: .unit(channels: 3))
    graph.input = graph.addTensor("input", [1, 32, 32, 3])
    let depthwise = try graph.add(
      "depthwise",
      .depthwiseConv2D(
        Operator.DepthwiseConv2D(
          weights: [1, 1, 1], bias: [0, 0, 0], kernel: .unit, channels: 3)), graph.input)
    let pooled = try graph.add("pool", .globalAveragePool, depthwise)
    let gated = try graph.add("gate", .multiply, depthwise, pooled)
    let last = try graph.add("last", .globalAveragePool, gated)
    graph.output = try graph.add(
      "classifier",
      .fullyConnected(
        Operator.FullyConnected(
          weights: (0..<3 * labels).map { Float($0 % 5) / 5 },
          bias: .init(repeating: 0, count: labels),
          inputCount: 3, outputCount: labels)), last)
    self.graph = graph
  }

  /// The warnings where every tensor's codes cover `range`, after `change`.
  private func warnings(
    _ range: ClosedRange<Double>, change: (inout QuantizedModel) -> Void = { _ in }
  ) async throws -> [ModelWarning] {
    let folder = try TemporaryFolder()
    try BuiltInDataset().write(to: folder.url.path)
    let images = try DatasetReader.open(folder.url.path, split: .test)
    var model = try Quantizer.quantize(
      graph, WeightChoices(), Evidence(range: range, tensorCount: graph.tensors.count),
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: "none", rounding: .double,
        calibration: nil))
    change(&model)
    let result = try await Comparison(graph, model).run(
      images, at: Array(0..<20), threads: 1
    ) { _, _ in }
    return result.warnings(model)
  }

  /// A scale a channel, and ranges that hold every value.
  @Test func soundModelsGiveNone() async throws { #expect(try await warnings(-1...2) == []) }

  /// What a converter makes whose weights have one scale: 64 of 127 codes are 7 bits, 63 are less.
  @Test func oneScaleForAllDepthwiseChannels() async throws {
    func warnings(_ weights: Constants<Int8>) async throws -> [ModelWarning] {
      try await self.warnings(-1...2) { model in
        guard case .depthwiseConv2D(var conv) = model.layers[0].operation else {
          Issue.record("the first layer is not depthwise")
          return
        }
        conv.weights = weights
        model.layers[0].operation = .depthwiseConv2D(conv)
        model.layers[0].weightScales = [0.01, 0.01, 0.01]
      }
    }
    #expect(
      try await warnings([127, -63, 9]) == [
        .sharedWeightScale(layer: "depthwise", channels: 3, poor: 2, others: 0)
      ])
    #expect(try await warnings([127, -64, 0]) == [])
  }

  @Test func saturationAndASaturatedProduct() async throws {
    let found = try await warnings(0...0.1)
    guard found.count == 2, case .saturation(_, let share, .compared, _) = found[0],
      case .saturatedProduct("gate", let gated, .compared, 0) = found[1]
    else {
      Issue.record("\(found)")
      return
    }
    #expect(share > 0.01 && share <= 1)
    #expect(gated > 0.005 && gated <= 1)
  }
}
