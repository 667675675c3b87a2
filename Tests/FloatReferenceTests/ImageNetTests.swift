import Datasets
import Files
import FloatReference
import Foundation
import ModelImport
import NetworkGraph
import TestSupport
import Testing

/// The public ImageNet V1 on photos: decoding, cropping, normalizing and the network together.
@Suite struct ImageNetTests {
  private struct Oracle: Decodable {
    struct Made: Decodable {
      var model: String
    }
    var made: Made
    /// By path, what ONNX Runtime finds in a photo; see `make_imagenet_oracle.py`.
    var classes: [String: Int]
  }

  private static let photos = Locations.shared.appending(path: "imagenet-samples")

  @Test(
    .enabled(
      if: Locations.isShared("imagenet-samples"), "\(Locations.absence(of: "imagenet-samples"))"))
  func classOfEveryPhotoIsONNXRuntimes() throws {
    let file = Locations.tests.appending(path: "Oracles/imagenet-v1-025.json")
    let oracle = try JSONDecoder().decode(Oracle.self, from: Data(contentsOf: file))
    let model = Locations.shared.appending(path: "models/imagenet-mobilenet-v1-025-224.onnx")
    let (content, sha256) = try ModelImporter.load(path: model.path)
    try #require(sha256 == oracle.made.model)
    guard case .float(let graph) = content else {
      Issue.record("\(model.path) is not a float model")
      return
    }
    let reference = FloatReference(graph.simplified())
    let arena = reference.makeArena()
    let preprocessor = Preprocessor(graph.preprocessing, inputShape: graph.inputShape)
    #expect(oracle.classes.count == 200)
    for (path, expected) in oracle.classes {
      let image = try DatasetReader.photo(
        Self.photos.appending(path: path).path, graph.preprocessing, inputShape: graph.inputShape)
      let logits = reference.run(try preprocessor(image), in: arena)
      #expect(logits.firstIndex(of: logits.max() ?? 0) == expected, "\(path)")
    }
  }
}
