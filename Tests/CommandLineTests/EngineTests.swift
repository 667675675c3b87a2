import Datasets
import Files
import Foundation
import TestSupport
import Testing

/// The engines of `run` on the bundled networks: every layer, byte for byte.
@Suite struct EngineTests {
  private static let rows = 24

  private static let models = [
    "cifar10-mobilenet-v1", "cifar10-mobilenet-v2-035", "cifar10-mobilenet-v3-small-050",
  ]

  @Test(arguments: models)
  func everyLayerEqualsTheDefinition(_ model: String) throws {
    let folder = try TemporaryFolder()
    try folder.writeTinyData(test: Self.rows)
    try expectDone(folder.run("calibrate", "--data", "data", "--model", model))
    try expectDone(folder.run("quantize", "--out", "model.mnq"))
    try folder.write(
      NumPyArray(Self.pixels, shape: [Self.rows, 32, 32, 3]).file(), to: "x.npy")
    for engine in ["swift", "int8", "c"] {
      try expectDone(
        folder.run(
          "run", "model.mnq", "--input", "x.npy", "--engine", engine, "--dump-layers", engine))
    }
    let layers = folder.names(in: "swift")
    #expect(layers.count > 10)
    for layer in layers {
      let expected = try #require(folder.read("swift/\(layer)"))
      #expect(folder.read("int8/\(layer)") == expected, "\(layer)")
      #expect(folder.read("c/\(layer)") == expected, "\(layer)")
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
  func allImagesEqualTheDefinition(_ model: String) throws {
    let folder = try TemporaryFolder()
    let data = Locations.shared.appending(path: "cifar10")
    try expectDone(
      folder.run("calibrate", "--data", data.path, "--samples", "500", "--model", model))
    try expectDone(folder.run("quantize", "--out", "model.mnq"))
    let records = [UInt8](try Data(contentsOf: data.appending(path: "test_batch.bin")))
    let pixels = stride(from: 0, to: records.count, by: 3073).flatMap {
      Self.interleaved(records[$0..<$0 + 3073])
    }
    try folder.write(
      NumPyArray(pixels, shape: [pixels.count / 3072, 32, 32, 3]).file(), to: "x.npy")
    for engine in ["swift", "int8", "c"] {
      try expectDone(
        folder.run(
          "run", "model.mnq", "--input", "x.npy", "--engine", engine, "--output", "\(engine).npy"))
    }
    let expected = try #require(folder.read("swift.npy"))
    #expect(expected.count > 10 * pixels.count / 3072)
    #expect(folder.read("int8.npy") == expected)
    #expect(folder.read("c.npy") == expected)
  }

  /// Test images of the built-in data set, NHWC.
  private static let pixels: [UInt8] = (0..<rows).flatMap { index in
    interleaved(BuiltInDataset().record(index: index, split: .test)[...])
  }

  /// The pixels of a record in CIFAR-10's binary layout: a label, then 32x32 of each color.
  private static func interleaved(_ record: ArraySlice<UInt8>) -> [UInt8] {
    let first = record.startIndex + 1
    return (0..<32 * 32).flatMap { pixel in (0..<3).map { record[first + $0 * 1024 + pixel] } }
  }

  private func expectDone(_ outcome: Program.Outcome) throws {
    try #require(outcome.status == 0, "\(outcome.errors)")
  }
}
