import FloatReference
import Foundation
import NetworkGraph
import Tensors
import TestSupport
import Testing

/// The networks of torchvision and Keras, cut down to a few blocks and channels, as the exporters of
/// PyTorch and Keras write them, against ONNX Runtime; `Exporters` has the files and the scripts.
@Suite struct ExporterTests {
  private struct Expected: Decodable {
    var outputs: [String: [Float]]
  }

  private static let folder = Locations.tests.appending(path: "ModelImportTests/Exporters")

  private static let outputs: [String: [Float]] = ["torch", "keras"].reduce(into: [:]) {
    outputs, framework in
    let file = folder.appending(path: "expected-\(framework).json")
    guard let data = try? Data(contentsOf: file),
      let expected = try? JSONDecoder().decode(Expected.self, from: data)
    else { preconditionFailure("\(file.path()) is missing or damaged") }
    outputs.merge(expected.outputs) { first, _ in first }
  }

  @Test(arguments: outputs.keys.sorted())
  func outputIsONNXRuntimes(_ name: String) throws {
    let graph = try floatGraph(Self.folder.appending(path: "\(name).onnx").path)
    #expect(graph.inputShape == [1, 32, 32, 3])
    let image = (0..<graph.inputShape.count).map { Float($0 * 7919 % 17 - 8) / 8 }
    let wanted = try #require(Self.outputs[name])
    for network in [graph, graph.simplified()] {
      let reference = FloatReference(network)
      let found = reference.run(image, in: reference.makeArena())
      try #require(found.count == wanted.count)
      let largest = wanted.map(abs).max() ?? 0
      let difference = zip(found, wanted).map { abs($0 - $1) }.max() ?? 0
      #expect(difference <= 1e-5 * largest)
    }
  }

  /// However it was exported, a network comes down to the same operators.
  @Test(arguments: ["torchvision-v3", "keras-v3-tf2onnx", "keras-v3-export", "keras-v1"])
  func simplifiesToTheOperatorsOfAMobileNet(_ prefix: String) throws {
    let v3 = [
      "conv2D", "hardSwish",
      "depthwiseConv2D", "relu", "globalAveragePool", "conv2D", "relu", "conv2D", "hardSigmoid",
      "multiply", "conv2D",
      "conv2D", "relu", "depthwiseConv2D", "relu", "conv2D", "add",
      "conv2D", "hardSwish", "depthwiseConv2D", "hardSwish", "globalAveragePool", "conv2D", "relu",
      "conv2D", "hardSigmoid", "multiply", "conv2D",
      "conv2D", "hardSwish", "globalAveragePool",
    ]
    let blocks = [[String]](
      repeating: ["depthwiseConv2D", "relu6", "conv2D", "relu6"], count: 13)
    // The mean over one pixel is gone.
    let v1 = ["conv2D", "relu6"] + blocks.joined() + ["conv2D"]
    for name in Self.outputs.keys.sorted() where name.hasPrefix(prefix) {
      let graph = try floatGraph(Self.folder.appending(path: "\(name).onnx").path).simplified()
      // Keras' V3 scales its pixels itself.
      let found = graph.nodes.map(\.operation.name).drop { $0 == "batchNormalization" }
      let expected = prefix == "keras-v1" ? v1 : v3
      #expect(Array(found.prefix(expected.count)) == expected, "\(name)")
    }
  }
}
