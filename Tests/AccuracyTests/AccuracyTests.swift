import Calibration
import Datasets
import Evaluation
import Files
import FixedPoint
import Foundation
import ModelImport
import NetworkGraph
import QuantizedIR
import Quantizer
import Testing

extension Tag {
  /// Runs thousands of images.
  @Tag static var slow: Self
}

/// What int8 costs, in points of top-1, held against `Baselines.json`.
@Suite(.tags(.slow), .serialized) struct AccuracyTests {
  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: Locations.cifar10),
      "CIFAR-10 is missing: set MNQUANT_SHARED to the folder that holds cifar10/"),
    arguments: Baseline.all(of: "cifar10"))
  func cifar10(_ baseline: Baseline) async throws {
    try await hold(baseline, data: Locations.cifar10)
  }

  @Test(arguments: Baseline.all(of: "shapes"))
  func builtInData(_ baseline: Baseline) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try BuiltInDataset().write(to: folder)
    try await hold(baseline, data: folder)
  }

  private func hold(_ baseline: Baseline, data: String) async throws {
    let found = try await measure(baseline.model, data: data)
    print(
      "\(baseline.model): float \(found.floatTop1), int8 \(found.int8Top1), "
        + "\(found.deltaTop1Points) points, agreement \(found.agreement)")
    #expect(found.images == baseline.images)
    // Float is the same on every machine but for a last bit; one image may tip.
    #expect(abs(found.floatTop1 - baseline.floatTop1) * Double(found.images) < 1.5)
    #expect(-found.deltaTop1Points <= baseline.largestDropPoints)
    #expect(abs(found.deltaTop1Points - baseline.deltaTop1Points) <= 0.1)
    #expect(abs(found.agreement - baseline.agreement) <= 0.002)
  }

  /// Calibrates on 512 training images, quantizes by the default recipe, compares on all test
  /// images: what the commands do without options.
  private func measure(_ name: String, data: String) async throws -> Evaluation.ComparisonResult {
    let path = Locations.models + "/\(name).onnx"
    let (model, sha256) = try ModelImporter.load(path: path)
    guard case .float(let imported) = model else {
      throw Unexpected(path: path)
    }
    let graph = imported.simplified()
    let threads = ProcessInfo.processInfo.activeProcessorCount
    let table = try await Calibrator(
      graph, dataset: DatasetReader.open(data, split: .train), imageCount: 512, method: .minMax
    ).run(
      tool: "test", model: CalibratedModel(file: name, sha256: sha256), threads: threads
    ) { _, _ in }
    let ranges = Dictionary(
      uniqueKeysWithValues: table.tensors.map { tensor in
        (tensor.name, Double(tensor.range.lowerBound)...Double(tensor.range.upperBound))
      })
    let quantized = try Quantizer.quantize(
      graph, recipe: .default,
      provenance: Provenance(
        tool: "test", source: name, sourceSHA256: sha256, recipe: "default", rounding: .double,
        calibration: nil)
    ) { ranges[$0] }
    let test = try DatasetReader.open(data, split: .test)
    return try await Comparison(graph, quantized).run(
      test, at: Array(0..<test.count), threads: threads
    ) { _, _ in }
  }

  private struct Unexpected: Error { let path: String }
}
