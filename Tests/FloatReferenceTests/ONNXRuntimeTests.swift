import Datasets
import Files
import FloatReference
import Foundation
import ModelImport
import NetworkGraph
import TestSupport
import Testing

/// The whole way from file to logits against ONNX Runtime.
@Suite struct ONNXRuntimeTests {
  @Test(
    .enabled(
      if: Locations.isShared("cifar10"), "\(Locations.absence(of: "cifar10"))"),
    arguments: Oracle.all(of: "cifar10"))
  func logitsAndClassAreTheSame(_ oracle: Oracle) throws {
    let dataset = try DatasetReader.open(
      Locations.shared.appending(path: "cifar10").path, split: .test)
    try expectSame(oracle, dataset)
  }

  /// On the built-in data set's first test images, which need no file.
  @Test(arguments: Oracle.all(of: "shapes"))
  func logitsAndClassAreTheSameOnBuiltInData(_ oracle: Oracle) throws {
    try withTemporaryFolder { folder in
      let shapes = BuiltInDataset()
      let records = (0..<oracle.images).flatMap { shapes.record(index: $0, split: .test) }
      try Data(records).write(to: folder.appending(path: "test_batch.bin"))
      try expectSame(oracle, DatasetReader.open(folder.path, split: .test))
    }
  }

  @Test func everyBundledModelHasAnOracle() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Locations.models.path)
      .filter { $0.hasSuffix(".onnx") }
    let oracles = Oracle.all(of: "cifar10") + Oracle.all(of: "shapes")
    #expect(Set(names) == Set(oracles.map { $0.model + ".onnx" }))
  }

  private func expectSame(_ oracle: Oracle, _ dataset: Dataset) throws {
    let records = try (0..<oracle.images).flatMap { try dataset.bytes(at: $0) }
    try #require(SHA256.hex(records) == oracle.recordsSHA256)
    let path = Locations.models.appending(path: "\(oracle.model).onnx").path
    let (model, sha256) = try ModelImporter.load(path: path)
    try #require(sha256 == oracle.modelSHA256)
    guard case .float(let graph) = model else {
      Issue.record("\(path) is not a float model")
      return
    }
    let file = try Data(contentsOf: Oracle.folder.appending(path: oracle.logits))
    let expected = try #require(NumPyArray(file: file).values(Float.self))
    try expectSame(graph, dataset, expected, images: oracle.images)
  }

  /// The bound: 1e-3 of the largest logit of all images, and the same largest logit.
  private func expectSame(
    _ graph: Graph, _ dataset: Dataset, _ expected: [Float], images: Int
  ) throws {
    let reference = FloatReference(graph)
    let arena = reference.makeArena()
    let preprocessor = Preprocessor(graph.preprocessing, inputShape: graph.inputShape)
    let classes = expected.count / images
    var (largestDifference, otherClass): (Float, [Int]) = (0, [])
    for index in 0..<images {
      let logits = reference.run(try preprocessor(dataset.image(at: index)), in: arena)
      let row = Array(expected[index * classes..<(index + 1) * classes])
      largestDifference = zip(logits, row).reduce(largestDifference) { max($0, abs($1.0 - $1.1)) }
      if logits.firstIndex(of: logits.max() ?? 0) != row.firstIndex(of: row.max() ?? 0) {
        otherClass.append(index)
      }
    }
    let largest = expected.reduce(0) { max($0, abs($1)) }
    #expect(largestDifference <= 1e-3 * largest)
    #expect(otherClass == [])
  }
}
