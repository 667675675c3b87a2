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
import TestSupport
import Testing

extension Tag {
  /// Runs thousands of images.
  @Tag static var slow: Self
}

/// What int8 costs by the default recipe, held against `Baselines.json` and against what was
/// promised there.
@Suite(.tags(.slow), .serialized) struct AccuracyTests {
  private let folder: TemporaryFolder
  private static let cifar10 = Locations.shared.appending(path: "cifar10").path

  init() throws { folder = try TemporaryFolder() }

  @Test(
    .enabled(
      if: Locations.isShared("cifar10"), "\(Locations.absence(of: "cifar10"))"),
    arguments: Baseline.all(of: "cifar10"))
  func cifar10(_ baseline: Baseline) async throws {
    try await hold(baseline, model: Locations.models, data: Self.cifar10)
  }

  @Test(
    .enabled(
      if: Locations.isShared("imagenet-samples"), "\(Locations.absence(of: "imagenet-samples"))"),
    arguments: Baseline.all(of: "imagenet-samples"))
  func imagenet(_ baseline: Baseline) async throws {
    let photos = Locations.shared.appending(path: "imagenet-samples")
    try await hold(
      baseline, model: Locations.shared.appending(path: "models"), data: photos.path,
      classes: ClassListFile(path: photos.appending(path: "classes.txt").path))
  }

  @Test(arguments: Baseline.all(of: "shapes"))
  func builtInData(_ baseline: Baseline) async throws {
    let path = folder.url.path
    try BuiltInDataset().write(to: path)
    try await hold(baseline, model: Locations.models, data: path)
  }

  /// 16-bit tensors bring V3-small to their goal, and the arena does not grow.
  @Test(
    .enabled(
      if: Locations.isShared("cifar10"), "\(Locations.absence(of: "cifar10"))"))
  func wideTensors() async throws {
    let found = try await measure(
      Locations.models.appending(path: "cifar10-mobilenet-v3-small-050.onnx").path, Self.cifar10,
      nil, 10_000,
      int16: .automatic(growth: 0))
    let ratio = try #require(found.outputSQNRdB)
    print("--int16 auto:0: agreement \(found.agreement), \(ratio) dB")
    #expect(ratio >= 29.5)
    #expect(found.agreement >= 0.985)
  }

  private func hold(
    _ baseline: Baseline, model folder: URL, data: String, classes: ClassListFile? = nil
  ) async throws {
    let path = folder.appending(path: "\(baseline.model).onnx").path
    let found = try await measure(path, data, classes, baseline.images)
    let ratio = try #require(found.outputSQNRdB)
    let accuracy = try #require(found.accuracy)
    print(
      "\(baseline.model): float \(accuracy.floatTop1), int8 \(accuracy.int8Top1), "
        + "\(accuracy.deltaTop1Points) points, agreement \(found.agreement), \(ratio) dB")
    #expect(found.images == baseline.images)
    #expect(-accuracy.deltaTop1Points <= baseline.largestDropPoints)
    #expect(found.agreement >= baseline.leastAgreement)
    #expect(ratio >= baseline.leastSQNRdB)
    // Float is the same on every machine but for a last bit; one image may tip, and a code.
    let image = 1.5 / Double(found.images)
    #expect(abs(accuracy.floatTop1 - baseline.floatTop1) < image)
    #expect(abs(accuracy.deltaTop1Points - baseline.deltaTop1Points) <= max(0.1, 100 * image))
    #expect(abs(found.agreement - baseline.agreement) <= max(0.002, image))
    #expect(abs(ratio - baseline.outputSQNRdB) <= 0.3)
  }

  /// Calibrates on 512 training images, or all, quantizes by the default recipe and compares on
  /// `count` test images: what the commands do without options.
  private func measure(
    _ path: String, _ data: String, _ classes: ClassListFile?, _ count: Int,
    int16: Passes.Int16Use = .none
  ) async throws -> Evaluation.ComparisonResult {
    let (model, sha256) = try ModelImporter.load(path: path)
    guard case .float(let imported) = model else { throw Unexpected(path: path) }
    let graph = imported.simplified()
    let threads = ProcessInfo.processInfo.activeProcessorCount
    func images(_ split: Dataset.Split) throws -> Dataset {
      try DatasetReader.open(data, split: split, classes: classes)
        .fitted(graph.preprocessing, inputShape: graph.inputShape)
    }
    let train = try images(.train)
    let table = try await Calibrator(graph, dataset: train, imageCount: 512, method: .minMax).run(
      tool: "test", model: CalibratedModel(file: path, sha256: sha256), threads: threads
    ) { _, _ in }
    let preprocessor = Preprocessor(graph.preprocessing, inputShape: graph.inputShape)
    var passes = Recipe.default.passes
    passes.int16 = int16
    let quantized = try passes.quantize(
      graph, table,
      images: train.evenlySpaced(512).map { try preprocessor(train.image(at: $0)) },
      provenance: Provenance(
        tool: "test", source: path, sourceSHA256: sha256, recipe: "default", rounding: .double,
        calibration: nil))
    let test = try images(.test)
    return try await Comparison(graph, quantized).run(
      test, at: test.evenlySpaced(count), threads: threads
    ) { _, _ in }
  }

  private struct Unexpected: Error { let path: String }
}
