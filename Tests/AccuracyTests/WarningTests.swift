import Datasets
import Evaluation
import FixedPoint
import Foundation
import NetworkGraph
import QuantizedIR
import Quantizer
import Tensors
import Testing

/// What a comparison warns of, on a network whose depthwise channels have equal weights and whose
/// product gates them.
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

  /// The warnings where every tensor's codes cover `range`.
  private func warnings(_ range: ClosedRange<Double>) async throws -> [ComparisonWarning] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try BuiltInDataset().write(to: folder)
    let images = try DatasetReader.open(folder, split: .test)
    let model = try Quantizer.quantize(
      graph, WeightChoices(), Evidence(range: range, tensorCount: graph.tensors.count),
      provenance: Provenance(
        tool: "test", source: "", sourceSHA256: "", recipe: "none", rounding: .double,
        calibration: nil))
    let result = try await Comparison(graph, model).run(
      images, at: Array(0..<20), threads: 1
    ) { _, _ in }
    return result.warnings(model)
  }

  @Test func oneScaleForAllDepthwiseChannels() async throws {
    #expect(
      try await warnings(-1...2) == [
        .sharedWeightScale(layer: "depthwise", channels: 3, others: 0)
      ])
  }

  @Test func saturationAndASaturatedProduct() async throws {
    let found = try await warnings(0...0.1)
    #expect(found.count == 3)
    guard found.count == 3, case .saturation(_, let share, _) = found[1],
      case .saturatedProduct(let layer, let gated, 0) = found[2]
    else {
      Issue.record("\(found)")
      return
    }
    #expect(share > 0.01 && share <= 1)
    #expect(gated > 0.001 && gated <= 1)
    #expect(layer == "gate")
  }
}
