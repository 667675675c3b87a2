import Datasets
import Engines
import Files
import Foundation
import ModelImport
import QuantizedIR
import Tensors
import TestSupport
import Testing

/// resnet8 puts first, image for image, what LiteRT's reference interpreter puts first, on CIFAR-10's
/// 10,000 test images.
@Suite(
  .enabled(
    if: Locations.isShared("cifar10/test_batch.bin"),
    "\(Locations.absence(of: "cifar10/test_batch.bin"))"))
struct PredictionTests {
  private static let count = 10_000

  @Test func resnet8() async throws {
    let oracle = TFLiteOracle.all.resnet8
    let path = Locations.shared.appending(path: "models/cifar10-resnet8.int8.tflite").path
    let (imported, sha256) = try ModelImporter.load(path: path)
    try #require(sha256 == oracle.modelSHA256)
    guard case .quantized(let model) = imported else { throw NotAnInt8Model() }
    let folder = Locations.shared.appending(path: "cifar10")
    let records = try Data(contentsOf: folder.appending(path: "test_batch.bin"))
    try #require(SHA256.hex(records) == oracle.recordsSHA256)
    let images = try DatasetReader.open(folder.path, split: .test)
    let host = BoundModel.host(model)
    let found = try await withThrowingTaskGroup { group in
      let parts = 2
      for part in 0..<parts {
        group.addTask {
          var arena = host.makeArena()
          return try stride(from: part, to: Self.count, by: parts).map { index in
            let codes = try #require(
              model.pixelEncoding?.encode(try images.image(at: index).pixels))
            return (index, Self.first(arena.run(codes)))
          }
        }
      }
      return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    }
    let expected = oracle.classes.compactMap(\.wholeNumberValue)
    #expect((0..<Self.count).first { found[$0] != expected[$0] } == nil)
  }

  /// The first of the largest codes.
  private static func first(_ codes: [Int8]) -> Int {
    codes.indices.reduce(0) { codes[$1] > codes[$0] ? $1 : $0 }
  }
}
