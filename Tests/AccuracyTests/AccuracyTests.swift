import Datasets
import Evaluation
import Foundation
import Pipeline
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
    try await hold(baseline, model: Locations.models, data: DataSource(path: Self.cifar10))
  }

  @Test(
    .enabled(
      if: Locations.isShared("imagenet-samples"), "\(Locations.absence(of: "imagenet-samples"))"),
    arguments: Baseline.all(of: "imagenet-samples"))
  func imagenet(_ baseline: Baseline) async throws {
    let photos = Locations.shared.appending(path: "imagenet-samples")
    try await hold(
      baseline, model: Locations.shared.appending(path: "models"),
      data: DataSource(
        path: photos.path, classes: photos.appending(path: "classes.txt").path))
  }

  @Test(arguments: Baseline.all(of: "shapes"))
  func builtInData(_ baseline: Baseline) async throws {
    let path = folder.url.path
    try BuiltInDataset().write(to: path)
    try await hold(baseline, model: Locations.models, data: DataSource(path: path))
  }

  /// 16-bit tensors bring V3-small to their goal, and the arena does not grow.
  @Test(
    .enabled(
      if: Locations.isShared("cifar10"), "\(Locations.absence(of: "cifar10"))"))
  func wideTensors() async throws {
    let found = try await measure(
      Locations.models.appending(path: "cifar10-mobilenet-v3-small-050.onnx").path,
      DataSource(path: Self.cifar10), 10_000, int16: .automatic(growth: 0))
    let ratio = try #require(found.outputSQNRdB)
    print("--int16 auto:0: agreement \(found.agreement), \(ratio) dB")
    #expect(ratio >= 29.5)
    #expect(found.agreement >= 0.985)
  }

  private func hold(
    _ baseline: Baseline, model folder: URL, data: DataSource
  ) async throws {
    let path = folder.appending(path: "\(baseline.model).onnx").path
    let found = try await measure(path, data, baseline.images)
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
    _ path: String, _ source: DataSource, _ count: Int, int16: Passes.Int16Use = .none
  ) async throws -> Evaluation.ComparisonResult {
    let pipeline = Pipeline()
    let float = try LoadedModel(path)
    let graph = try float.graph()
    let train = try pipeline.images(source, .train, for: graph, sampling: 512)
    let table = try await pipeline.calibrate(float, graph, on: train, count: 512)
    var passes = Recipe.default.passes
    passes.int16 = int16
    let quantization = try Quantization(
      float, CalibrationFile(table, path: "calibration.json"),
      recipe: NamedPasses(name: "default", passes: passes), data: source.path)
    let pair = ModelPair(quantization, try pipeline.quantize(quantization).model)
    let test = try pipeline.images(source, .test, for: pair.graph, sampling: count)
    return try await pipeline.compare(pair, on: test, limit: count)
  }
}
