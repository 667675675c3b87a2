import Datasets
import Foundation
import NetworkGraph
import Pipeline
import QuantizedIR
import Quantizer
import Synchronization
import TestSupport

/// A bundled network with a few pictures of the data that it was trained on, in a folder that is gone
/// after the test.
final class SmallWay: Sendable {
  private let folder: TemporaryFolder
  let float: LoadedModel
  let graph: Graph
  /// Remembers what it tells.
  let pipeline: Pipeline
  private let told = Told()

  private final class Told: Sendable {
    let events = Mutex<[PipelineEvent]>([])
  }

  static let imageCount = 40

  init(_ model: String = "shapes-mobilenet-v3-small") throws {
    folder = try TemporaryFolder()
    float = try LoadedModel(model)
    graph = try float.graph()
    pipeline = Pipeline(threads: 2) { [told] event in
      told.events.withLock { $0.append(event) }
    }
    try writeImages((0..<Self.imageCount).map { Self.record($0) })
  }

  var events: [PipelineEvent] { told.events.withLock { $0 } }

  /// The names in a folder.
  func names(in path: String) -> Set<String> { folder.names(in: path) }

  func path(_ name: String) -> String { folder.url.appending(path: name).path }

  /// CIFAR-10's binary layout.
  var source: DataSource { DataSource(path: path("data")) }

  /// Writes the training images anew.
  func writeImages(_ records: [[UInt8]]) throws {
    try folder.write(records.flatMap(\.self), to: "data/data_batch_1.bin")
  }

  /// A label byte and planes of red, green and blue.
  static func record(_ index: Int) -> [UInt8] {
    BuiltInDataset().record(index: index, split: .training)
  }

  /// Calibrates on `count` of the images.
  func calibrated(count: Int = imageCount) async throws -> CalibrationFile {
    let images = try pipeline.images(source, .train, for: graph, sampling: count)
    let table = try await pipeline.calibrate(float, graph, on: images, count: count)
    return try CalibrationFile(table, path: path("calibration.json"))
  }

  /// The int8 model by plain rounding, which takes no time, with its calibration.
  func quantized(count: Int = imageCount) async throws -> (QuantizationResult, CalibrationFile) {
    let calibration = try await calibrated(count: count)
    let quantization = try Quantization(
      float, calibration, recipe: NamedPasses(name: "minmax", passes: Recipe.minmax.passes),
      data: source.path)
    return (try pipeline.quantize(quantization), calibration)
  }

  /// `model` as it comes from a file.
  func reload(_ model: QuantizedModel) throws -> LoadedModel {
    try model.fileBytes().write(to: URL(filePath: path("model.mnq")))
    return try LoadedModel(path("model.mnq"))
  }
}
