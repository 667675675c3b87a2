import Calibration
import Datasets
import Engines
import Files
import FixedPoint
import FloatReference
import Foundation
import MobileNets
import ModelImport
import NetworkGraph
import QuantizedIR
import Quantizer
import Tensors
import TestSupport

/// A float network and what quantizing it on random pictures gives.
struct QuantizedNetwork {
  let graph: Graph
  let model: QuantizedModel
  private let images: Dataset
  /// Of the images.
  private let folder: TemporaryFolder

  /// A MobileNet with random weights.
  init(random spelling: String) async throws {
    try await self.init(Architecture(spelling).graph(weights: .random(seed: 1)))
  }

  /// The float network in a file.
  init(file: String) async throws {
    guard case .float(let graph) = try ModelImporter.load(path: file).model else {
      preconditionFailure("\(file) is no float network")
    }
    try await self.init(graph)
  }

  /// Simplifies, calibrates and quantizes.
  private init(_ whole: Graph) async throws {
    folder = try TemporaryFolder()
    graph = whole.simplified()
    var random = SplitMix64(seed: 2)
    let pixels = (0..<4 * graph.inputShape.count).map { _ in UInt8(random.next() >> 56) }
    let shape = [4] + graph.inputShape.dimensions.dropFirst()
    try folder.write(NumPyArray(pixels, shape: shape).file(), to: "images.npy")
    images = try DatasetReader.open(folder.url.appending(path: "images.npy").path, split: .train)

    let name = graph.name
    let table = try await Calibrator(graph, dataset: images, imageCount: 4, method: .minMax)
      .run(tool: "test", model: CalibratedModel(file: name, sha256: name), threads: 1) { _, _ in }
    model = try Recipe.minmax.passes.quantize(
      graph, table, images: [],
      provenance: Provenance(
        tool: "test", source: name, sourceSHA256: name, recipe: "minmax", rounding: .double,
        calibration: nil))
  }

  /// The input codes of an image and the Swift engine's output for them.
  func inference(_ image: Int) throws -> (input: [Int8], output: [Int8]) {
    let pixels = try images.image(at: image).pixels
    guard let input = model.pixelEncoding?.encode(pixels) else {
      preconditionFailure("no way from pixels to codes")
    }
    return (input, BoundModel.plain(model).run(input))
  }

  /// How well the int8 output follows the float one: the cosine between them.
  func cosine(_ image: Int) throws -> Double {
    let preprocessor = Preprocessor(graph.preprocessing, inputShape: graph.inputShape)
    let reference = FloatReference(graph)
    let float = reference.run(
      try preprocessor(images.image(at: image)), in: reference.makeArena())
    let int8 = try inference(image).output.map { model.outputTensor.real($0) }
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map(*).reduce(0, +) }
    let real = float.map(Double.init)
    return product(real, int8) / (product(real, real) * product(int8, int8)).squareRoot()
  }
}
