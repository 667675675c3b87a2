import Datasets
import Files
import Foundation
import Pipeline
import TestSupport
import Testing

/// The engines on the bundled networks: every layer, byte for byte.
@Suite struct EngineTests {
  private static let rows = 24

  private static let models = [
    "cifar10-mobilenet-v1", "cifar10-mobilenet-v2-035", "cifar10-mobilenet-v3-small-050",
  ]

  @Test(arguments: models)
  func everyLayerEqualsTheDefinition(_ name: String) async throws {
    let way = try SmallWay(name)
    let quantization = try Quantization(
      way.float, try await way.calibrated(), data: way.source.path)
    let model = try way.reload(way.pipeline.quantize(quantization).model)
    let pixels = (0..<Self.rows).flatMap { Self.interleaved(SmallWay.record($0)[...]) }
    try NumPyArray(pixels, shape: [Self.rows, 32, 32, 3]).file()
      .write(to: URL(filePath: way.path("x.npy")))
    func run(_ engine: EngineName) async throws -> Inference {
      try await way.pipeline.run(
        model, on: engine, inputs: [way.path("x.npy")], keepsLayers: true)
    }
    let expected = try await run(.swift)
    #expect(expected.layers.count > 10)
    for engine in [EngineName.int8, .c] {
      let found = try await run(engine)
      #expect(found.outputs.map(\.values) == expected.outputs.map(\.values))
      #expect(found.layers.map(\.name) == expected.layers.map(\.name))
      for (layer, same) in zip(found.layers, expected.layers) {
        #expect(layer.values == same.values, "\(engine), \(layer.name)")
      }
    }
  }

  /// The outputs for all 10,000 test images of CIFAR-10. The definition in plain Swift takes
  /// minutes, so that only `MNQUANT_ALL_IMAGES` asks for it.
  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["MNQUANT_ALL_IMAGES"] != nil
        && Locations.isShared("cifar10/test_batch.bin"),
      "takes minutes: set MNQUANT_ALL_IMAGES, and MNQUANT_SHARED to the folder of cifar10/"),
    arguments: models)
  func allImagesEqualTheDefinition(_ name: String) async throws {
    let way = try SmallWay(name)
    let data = Locations.shared.appending(path: "cifar10").path
    let images = try way.pipeline.images(
      DataSource(path: data), .train, for: way.graph, sampling: 500)
    let table = try await way.pipeline.calibrate(way.float, way.graph, on: images, count: 500)
    let quantization = try Quantization(
      way.float, CalibrationFile(table, path: "calibration.json"), data: data)
    let model = try way.reload(way.pipeline.quantize(quantization).model)
    let records = [UInt8](try Data(contentsOf: URL(filePath: data + "/test_batch.bin")))
    let pixels = stride(from: 0, to: records.count, by: 3073).flatMap {
      Self.interleaved(records[$0..<$0 + 3073])
    }
    try NumPyArray(pixels, shape: [pixels.count / 3072, 32, 32, 3]).file()
      .write(to: URL(filePath: way.path("x.npy")))
    func output(_ engine: EngineName) async throws -> NumPyArray {
      try await way.pipeline.run(model, on: engine, inputs: [way.path("x.npy")])
        .outputs[0].values
    }
    let expected = try await output(.swift)
    #expect(expected.shape[0] == pixels.count / 3072)
    #expect(try await output(.int8) == expected)
    #expect(try await output(.c) == expected)
  }

  /// The pixels of a record in CIFAR-10's binary layout: a label, then 32x32 of each color.
  private static func interleaved(_ record: ArraySlice<UInt8>) -> [UInt8] {
    let first = record.startIndex + 1
    return (0..<32 * 32).flatMap { pixel in (0..<3).map { record[first + $0 * 1024 + pixel] } }
  }
}
