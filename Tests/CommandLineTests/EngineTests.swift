import Datasets
import Files
import Foundation
import Testing

/// The engines of `run` on the bundled networks: every layer, byte for byte.
@Suite struct EngineTests {
  private static let rows = 24

  @Test(arguments: [
    "cifar10-mobilenet-v1", "cifar10-mobilenet-v2-035", "cifar10-mobilenet-v3-small-050",
  ])
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

  /// Test images of the built-in data set, NHWC.
  private static let pixels: [UInt8] = (0..<rows).flatMap { index in
    let record = BuiltInDataset().record(index: index, split: .test)
    return (0..<32 * 32).flatMap { pixel in (0..<3).map { record[1 + $0 * 1024 + pixel] } }
  }

  private func expectDone(_ outcome: Tool.Outcome) throws {
    try #require(outcome.status == 0, "\(outcome.errors)")
  }
}
