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

  /// Of four parts, the last one of 4 images.
  private static let manyScores = (0..<100).map { index -> [Float] in
    let (a, b, c) = (Float(index % 7), Float(index % 5), Float(index % 11))
    return [a, b + 0.3, c / 2]
  }

  @Test func threadsChangeNothing() async throws {
    let one = try await compare(Self.manyScores)
    #expect(try await compare(Self.manyScores, threads: 3) == one)
  }

  /// Every third record, so that records and positions differ; each shard by way of its file.
  private func shards(
    of count: Int, _ indices: [Int]
  ) async throws -> (Comparison, [ComparisonShard]) {
    let comparison = try Comparison(
      ScoreNetworks.graph(channels: 3), ScoreNetworks.model(channels: 3, other: [3: 5]))
    let scores = Array(repeating: Self.manyScores, count: 3).flatMap(\.self)
    let labels = scores.indices.map { UInt8($0 % 3) }
    let records = try ScoreNetworks.records(scores, labels: labels, in: folder)
    var shards: [ComparisonShard] = []
    for index in 1...count {
      let shard = try await comparison.run(
        records, at: indices, .init(index, of: count), threads: index
      ) { _, _ in }
      let file = try JSONEncoder().encode(shard)
      shards.append(try JSONDecoder().decode(ComparisonShard.self, from: file))
    }
    return (comparison, shards)
  }

  @Test(arguments: 1...4) func shardsMergeToOneRun(count: Int) async throws {
    let indices = Array(stride(from: 1, to: 300, by: 3))
    let (comparison, shards) = try await shards(of: count, indices)
    #expect(shards.map(\.images).reduce(0, +) == 100)
    let whole = try await self.shards(of: 1, indices).1
    let expected = try comparison.merge(whole, at: indices)
    #expect(expected.accuracy != nil && expected.agreement < 1)
    #expect(try comparison.merge(shards.reversed(), at: indices) == expected)
    let records = folder.url.appending(path: "scores.npy").path
    let run = try await comparison.run(
      DatasetReader.open(records, split: .test), at: indices, threads: 2
    ) { _, _ in }
    #expect(run == expected)
  }

  @Test func refusesShardsOfOtherComparisons() async throws {
    let indices = Array(0..<100)
    let (comparison, shards) = try await shards(of: 3, indices)
    func expectProblem(
      _ problem: ShardProblem, _ shards: [ComparisonShard], at indices: [Int] = indices
    ) {
      #expect(throws: ComparisonError.shards(problem)) {
        try comparison.merge(shards, at: indices)
      }
    }
    expectProblem(.missing([1], count: 1), [])
    expectProblem(.missing([2], count: 3), [shards[2], shards[0]])
    expectProblem(.repeated(2), [shards[1], shards[0], shards[1], shards[2]])
    expectProblem(.otherImages(shard: 1), shards, at: Array(1..<101))
    expectProblem(.otherImages(shard: 3), shards, at: Array(0..<99))
    let (_, two) = try await self.shards(of: 2, indices)
    expectProblem(
      .differs("the number of shards", expected: "3", found: "2", shard: 2), [shards[0], two[1]])
  }

  /// Whatever stands in a file, it is an error and no trap.
  @Test func refusesDamagedShards() async throws {
    let (_, shards) = try await shards(of: 2, Array(0..<100))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = String(decoding: try encoder.encode(shards[0]), as: UTF8.self)
    for (old, new) in [
      (#""index":1"#, #""index":3"#), (#""index":1"#, #""index":0"#),
      (#""count":2"#, #""count":-2"#), (#""count":2"#, #""count":99999999"#),
      ("[0,", "[0,1,"), ("[0,", "[-0.5,"), (#""agreements":["#, #""agreements":[-1,"#),
      (#""layers":[["#, #""layers":[[18446744073709551615,"#), ("}]", "},7]"), ("{", ""),
      (#""predictions":["#, #""predictions":[[],"#),
    ] {
      let damaged = text.replacing(old, with: new)
      #expect(damaged != text, "\(old)")
      #expect(throws: DecodingError.self, "\(new)") {
        try JSONDecoder().decode(ComparisonShard.self, from: Data(damaged.utf8))
      }
    }
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
