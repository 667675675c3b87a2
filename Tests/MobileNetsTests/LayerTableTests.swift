import MobileNets
import NetworkGraph
import Tensors
import Testing

@Suite struct LayerTableTests {
  /// Every convolution and matrix has the shape, parameters and MACs that the framework counts.
  @Test(arguments: OracleCase.all) func agreesWithTheFramework(_ oracle: OracleCase) throws {
    let graph = try Architecture(oracle.architecture).graph(weights: .random(seed: 1))
    let summary = GraphSummary(graph)

    let rows = summary.layers.filter { $0.macs > 0 }
    #expect(Set(rows.map(\.name)) == Set(oracle.layers.keys))
    for row in rows {
      let expected = try #require(oracle.layers[row.name])
      // A vector may be spelled [1, C] or [1, 1, 1, C].
      #expect(row.outputShape.dimensions.filter { $0 > 1 } == expected.shape.filter { $0 > 1 })
      #expect(row.parameters == expected.parameters, "\(row.name)")
      #expect(row.macs == expected.macs, "\(row.name)")
    }
    #expect(summary.parameters == oracle.parameters)
  }

  /// The totals that the papers print, in millions.
  @Test(arguments: [
    ("mobilenet-v1", 4.23, 569.0), ("mobilenet-v2", 3.50, 301), ("mobilenet-v3-large", 5.48, 217),
    ("mobilenet-v3-small", 2.54, 57),
  ])
  func hasThePublishedTotals(_ name: String, _ parameters: Double, _ macs: Double) throws {
    let summary = GraphSummary(try Architecture(name).graph(weights: .random(seed: 1)))
    #expect((Double(summary.parameters) / 1e4).rounded() / 100 == parameters)
    #expect((Double(summary.macs) / 1e6).rounded() == macs)
  }

  @Test func cifarV1ShrinksFrom32To2() throws {
    let graph = try Architecture("mobilenet-v1,small-images").graph(weights: .random(seed: 1))
    let pointwise = GraphSummary(graph).layers.filter { $0.separableRatio != nil }
    #expect(
      pointwise.map(\.outputShape.height) == [32, 16, 16, 8, 8, 4, 4, 4, 4, 4, 4, 2, 2])
    #expect(pointwise.first?.outputShape.channels == 64)
    #expect(pointwise.last?.outputShape.channels == 1024)
  }

  @Test(arguments: [("mobilenet-v1,width=0.5", 13), ("mobilenet-v3-small", 11)])
  func separableBlocksCostTheFormula(_ name: String, _ blocks: Int) throws {
    let graph = try Architecture(name).graph(weights: .random(seed: 1))
    let ratios = GraphSummary(graph).layers.filter { $0.separableRatio != nil }
    #expect(ratios.count == blocks)
    for row in ratios {
      let kernels = [3.0, 5].map { 1 / Double(row.outputShape.channels) + 1 / ($0 * $0) }
      let ratio = try #require(row.separableRatio)
      #expect(kernels.contains { abs($0 - ratio) < 1e-12 }, "\(row.name): \(ratio)")
    }
  }
}
