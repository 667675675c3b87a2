import Foundation
import ModelImport
import NetworkGraph
import Tensors
import TestSupport
import Testing

/// Trained networks as exporters wrote them; the counts are those of the tables beside them.
@Suite struct TrainedModelTests {
  struct Model: CustomTestStringConvertible {
    var name: String
    var parameters: Int
    var macs: Int
    var input: Shape = [1, 32, 32, 3]
    var classCount = 10
    var testDescription: String { name }
  }

  @Test(arguments: [
    Model(name: "cifar10-mobilenet-v1", parameters: 278_186, macs: 7_872_512),
    Model(name: "cifar10-mobilenet-v2-035", parameters: 401_898, macs: 11_731_200),
    Model(name: "cifar10-mobilenet-v3-small-050", parameters: 406_322, macs: 5_547_008),
  ])
  func bundled(_ model: Model) throws {
    let path = Locations.models.appending(path: "\(model.name).onnx").path
    let graph = try floatGraph(path)
    #expect(graph.name == model.name)
    #expect(graph.parameterCount == model.parameters)
    #expect(graph.macs == model.macs)
    #expect(graph.inputShape == model.input)
    #expect(graph.outputShape == [1, model.classCount])
    #expect(graph.labels.count == model.classCount)
    #expect(graph.labels[3] == "cat")
    #expect(graph.preprocessing.mean == [0.4914, 0.4822, 0.4465])
    #expect(graph.preprocessing.std == [0.2470, 0.2435, 0.2616])
    #expect(graph.simplified() == graph, "the exporter has left nothing to simplify")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: imageNet), "no shared/models folder"))
  func imageNetV1() throws {
    let graph = try floatGraph(Self.imageNet)
    #expect(graph.parameterCount == 470_072)
    #expect(graph.inputShape == [1, 224, 224, 3])
    #expect(graph.outputShape == [1, 1000])
    #expect(graph.labels.count == 1000)
    #expect(graph.preprocessing.resize == Extent(256, 256))
    #expect(graph.preprocessing.crop == Extent(224, 224))

    let simplified = graph.simplified()
    // Of scale and offset by channel, only the offset is left, as a bias.
    #expect(simplified.parameterCount == 470_072 - 2_736)
    #expect(
      simplified.nodes.map(\.operation.name)
        == ["conv2D", "relu6"]
        + [[String]](repeating: ["depthwiseConv2D", "relu6", "conv2D", "relu6"], count: 13).joined()
        + ["globalAveragePool", "conv2D", "reshape"])
    #expect(simplified.macs == graph.macs)
    guard case .conv2D(let stem) = simplified.nodes[0].operation else {
      Issue.record("the first node is no convolution")
      return
    }
    #expect(stem.padding == Padding(top: 0, left: 0, bottom: 1, right: 1))
  }

  static let imageNet = Locations.shared.appending(
    path: "models/imagenet-mobilenet-v1-025-224.onnx"
  ).path
}

/// The float graph in the file at `path`.
func floatGraph(_ path: String) throws -> Graph {
  guard case .float(let graph) = try ModelImporter.load(path: path).model else {
    throw NotAFloatGraph()
  }
  return graph
}

struct NotAFloatGraph: Error {}
