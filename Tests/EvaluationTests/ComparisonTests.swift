import Datasets
import Evaluation
import Foundation
import Tensors
import TestSupport
import Testing

/// Agreement, ties, labels and errors, on scores whose outcome is plain to see.
@Suite struct ComparisonTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func compare(
    _ scores: [[Float]], labels: [UInt8]? = nil, other: [Int8: Int8] = [:], threads: Int = 1
  ) async throws -> Evaluation.ComparisonResult {
    let channels = scores[0].count
    let comparison = try Comparison(
      ScoreNetworks.graph(channels: channels), ScoreNetworks.model(channels: channels, other: other)
    )
    let records = try ScoreNetworks.records(scores, labels: labels, in: folder)
    return try await comparison.run(records, at: Array(scores.indices), threads: threads) { _, _ in
    }
  }

  /// Code 100 becomes -128, so that the int8 network never puts it first.
  private static let scores: [[Float]] = [
    [1, 5, 2],
    // A tie goes to the first.
    [3, 3, 1],
    // One in codes alone, where it changes nothing,
    [4.4, 4, 1],
    // and where it does.
    [1, 4, 4.4],
    [100, 5, 1],
  ]

  @Test func putsTheFirstOfTheGreatestFirst() async throws {
    let result = try await compare(Self.scores, labels: [1, 0, 0, 2, 2], other: [100: -128])
    #expect(result.predictions.map(\.float) == [1, 0, 0, 2, 0])
    #expect(result.predictions.map(\.int8) == [1, 0, 0, 1, 1])
    #expect(result.predictions.map(\.label) == [1, 0, 0, 2, 2])
    #expect(result.images == 5)
    #expect(result.agreement == 3.0 / 5)
    let accuracy = try #require(result.accuracy)
    #expect(accuracy.floatTop1 == 4.0 / 5)
    #expect(accuracy.int8Top1 == 3.0 / 5)
    #expect(accuracy.deltaTop1Points == -20)
  }

  @Test func knowsNoAccuracyWithoutLabels() async throws {
    let result = try await compare(Self.scores)
    #expect(result.accuracy == nil)
    #expect(result.agreement == 4.0 / 5)
  }

  /// A single output tells one class from all else: above 0, for scores.
  @Test func aSingleOutputIsAYesOrNo() async throws {
    let result = try await compare([[0], [0.4], [1], [-3]], labels: [0, 1, 1, 0])
    #expect(result.predictions.map(\.float) == [0, 1, 1, 0])
    #expect(result.predictions.map(\.int8) == [0, 0, 1, 0])
  }

  /// Rounding leaves 0.4 of the last value and nothing of the others.
  @Test func noiseIsWhatRoundingLeaves() async throws {
    let result = try await compare([[1, 4, 4.4]])
    let expected = 10 * log10((1 + 16 + 4.4 * 4.4) / (0.4 * 0.4))
    #expect(abs(try #require(result.outputSQNRdB) - expected) < 1e-4)
    let layer = try #require(result.layers.first)
    #expect(layer.name == "scores" && layer.saturated == 0)
    #expect(abs(layer.cosine - 34.6 / (36.36 * 33).squareRoot()) < 1e-6)
    let exact = try await compare([[1, 4, 4]])
    #expect(exact.outputSQNRdB == nil && exact.layers.first?.cosine == 1)
  }

  /// Half a step beyond the last code is not yet saturated.
  @Test func countsWhatCodesCannotExpress() async throws {
    let result = try await compare([[127.4, 127.6, -128.4], [-128.6, 300, 0]])
    #expect(result.layers.first?.saturated == 0.5)
  }

  @Test func threadsChangeNothing() async throws {
    let scores = (0..<100).map { index -> [Float] in
      let (a, b, c) = (Float(index % 7), Float(index % 5), Float(index % 11))
      return [a, b + 0.3, c / 2]
    }
    let one = try await compare(scores)
    #expect(try await compare(scores, threads: 3) == one)
  }

  @Test func refusesOtherClassesAndShapes() async throws {
    let records = folder.url.appending(path: "scores.npy").path
    await #expect(
      throws: ComparisonError.label(path: records, record: 1, label: 3, classCount: 3)
    ) { try await compare(Array(Self.scores.prefix(2)), labels: [0, 3]) }
    #expect(throws: ComparisonError.inputShape(float: [1, 1, 1, 2], int8: [1, 1, 1, 3])) {
      try Comparison(ScoreNetworks.graph(channels: 2), ScoreNetworks.model(channels: 3))
    }
  }
}
