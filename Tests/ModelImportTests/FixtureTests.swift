import FloatReference
import Foundation
import NetworkGraph
import Tensors
import TestSupport
import Testing

/// Small networks as the two exporters of PyTorch and converters from Keras write them, against
/// ONNX Runtime's outputs; `Fixtures/make_fixtures.py` made both.
@Suite struct FixtureTests {
  struct Expected: Decodable {
    var input: [Float]
    var outputs: [String: [Float]]
  }

  static let expected = Result {
    try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: Locations.fixtures.appending(path: "expected.json")))
  }

  static let names = [
    "folded", "unfolded", "spelled", "dynamic", "external", "flattened", "viewed", "pooled",
    "pooled-dynamo", "keras-like",
  ]

  @Test func noFixtureIsForgotten() throws {
    #expect(try Set(Self.expected.get().outputs.keys) == Set(Self.names))
  }

  @Test(arguments: names)
  func outputIsONNXRuntimes(_ name: String) throws {
    let graph = try fixture(name)
    let expected = try Self.expected.get()
    for network in [graph, graph.simplified()] {
      let reference = FloatReference(network)
      let found = reference.run(expected.input, in: reference.makeArena())
      let wanted = try #require(expected.outputs[name])
      #expect(found.count == wanted.count)
      let largest = wanted.reduce(0) { max($0, abs($1)) }
      let difference = zip(found, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(difference <= 1e-5 * largest)
    }
  }

  /// One network in five spellings: with batch normalizations folded by the exporter and not, h-swish
  /// by name and in parts, by either exporter, weights inside and outside the file.
  @Test(arguments: ["unfolded", "spelled", "dynamic", "external"])
  func simplifiesToTheSameOperators(_ name: String) throws {
    let found = try fixture(name).simplified()
    #expect(
      found.nodes.map(\.operation.name) == [
        "conv2D", "hardSwish", "conv2D", "relu6", "depthwiseConv2D", "relu", "globalAveragePool",
        "conv2D", "relu", "conv2D", "hardSigmoid", "multiply", "conv2D", "add",
        "globalAveragePool", "fullyConnected", "hardSwish", "fullyConnected",
      ])
    #expect(
      try found.nodes.map(\.operation.name)
        == fixture("folded").simplified().nodes.map(\.operation.name))
  }

  @Test func layoutsLeaveNoNodes() throws {
    #expect(
      try fixture("keras-like").simplified().nodes.map(\.operation.name) == [
        "batchNormalization", "conv2D", "relu6", "depthwiseConv2D", "globalAveragePool", "logistic",
        "multiply", "fullyConnected", "softmax",
      ])
    #expect(try fixture("keras-like").inputShape == [1, 8, 8, 3])
    for name in ["flattened", "viewed"] {
      #expect(
        try fixture(name).nodes.map(\.operation.name) == [
          "conv2D", "relu", "fullyConnected", "softmax",
        ])
    }
  }

  private func fixture(_ name: String) throws -> Graph {
    try floatGraph(Locations.fixtures.appending(path: "\(name).onnx").path)
  }
}
