import Calibration
import Datasets
import Files
import Foundation
import NetworkGraph
import Tensors
import TestSupport
import Testing

@Suite struct CalibratorTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let pixels: [UInt8] = {
    var random = SplitMix64(seed: 21)
    return (0..<23 * 4 * 3 * 2).map { _ in UInt8.random(in: 0...255, using: &random) }
  }()

  /// 23 pictures of 4x3 pixels and 2 channels.
  private func withDataset(_ body: (Dataset) async throws -> Void) async throws {
    try folder.write(NumPyArray(Self.pixels, shape: [23, 4, 3, 2]).file(), to: "pixels.npy")
    try await body(
      DatasetReader.open(folder.url.appending(path: "pixels.npy").path, split: .train))
  }

  /// A pointwise convolution with relu. `weight` is one of its six.
  private func graph(weight: Float = 0.3) throws -> Graph {
    let preprocessing = Preprocessing(mean: [0.5, 0.25], std: [0.5, 0.3])
    var graph = Graph(name: "tiny", preprocessing: preprocessing)
    let input = graph.addTensor("input", [1, 4, 3, 2])
    let conv = Operator.Conv2D(
      weights: [1, -2, weight, 0.7, 1e-4, -0.1], bias: [0.1, -0.2, 0], kernel: .unit,
      inputChannels: 2, outputChannels: 3)
    let sums = try graph.add("conv", .conv2D(conv), input)
    graph.output = try graph.add("relu", .activation(.relu), sums)
    return graph
  }

  private func run(
    _ graph: Graph, _ dataset: Dataset, imageCount: Int = 10,
    shards: CalibrationShards = .whole, threads: Int = 1
  ) async throws -> CalibrationTable {
    let calibrator = try Calibrator(
      graph, dataset: dataset, imageCount: imageCount, method: .percentile, shards: shards)
    return try await calibrator.run(
      tool: "0.1", model: CalibratedModel(file: "m.onnx", sha256: "ab"), threads: threads
    ) { _, _ in }
  }

  @Test func statisticsAreThoseOfTheTensors() async throws {
    try await withDataset { dataset in
      let table = try await run(graph(), dataset, imageCount: 99)
      #expect(table.tensors.map(\.name) == ["input", "conv", "relu"])
      #expect(table.sample.imageCount == 23 && table.sample.recordCount == 23)
      #expect(table.sample.sha256 == SHA256.hex(Self.pixels))
      let red = stride(from: 0, to: Self.pixels.count, by: 2).map {
        (Float(Self.pixels[$0]) / 255 - 0.5) / 0.5
      }
      let input = try #require(table["input"]).statistics
      #expect(input.valuesPerChannel == 23 * 12)
      #expect(input.channelMinimum[0] == red.min() && input.channelMaximum[0] == red.max())
      let mean = red.reduce(0) { $0 + Double($1) } / Double(red.count)
      #expect(abs(input.channelMean[0] - mean) < 1e-9)
      let conv = try #require(table["conv"]).statistics
      let relu = try #require(table["relu"]).statistics
      #expect(conv.minimum < 0 && relu.minimum == 0 && relu.maximum == conv.maximum)
      try table.check(graph(), modelSHA256: "ab")
    }
  }

  @Test func sampleIsSpreadOverTheSplit() async throws {
    try await withDataset { dataset in
      let table = try await run(graph(), dataset, imageCount: 4)
      let records = [0, 5, 11, 17].flatMap { Self.pixels[$0 * 24..<($0 + 1) * 24] }
      #expect(table.sample.sha256 == SHA256.hex(records))
    }
  }

  @Test(arguments: [2, 3, 16])
  func threadsDoNotMatter(count: Int) async throws {
    try await withDataset { dataset in
      let one = try await run(graph(), dataset).bytes()
      #expect(try await run(graph(), dataset, threads: count).bytes() == one)
    }
  }

  @Test(arguments: [2, 5, 10])
  func shardsMergeToOneRun(count: Int) async throws {
    try await withDataset { dataset in
      var shards: [CalibrationTable] = []
      for index in 1...count {
        shards.append(
          try await run(graph(), dataset, shards: CalibrationShards(index, of: count), threads: 2))
      }
      let whole = try await run(graph(), dataset)
      #expect(try CalibrationTable.merge(shards.reversed()).bytes() == whole.bytes())
    }
  }

  @Test func progressCountsEveryImage() async throws {
    try await withDataset { dataset in
      let calibrator = try Calibrator(
        graph(), dataset: dataset, imageCount: 10, method: .minMax,
        shards: CalibrationShards(2, of: 3))
      let (reports, continuation) = AsyncStream.makeStream(of: [Int].self)
      _ = try await calibrator.run(
        tool: "0.1", model: CalibratedModel(file: "m", sha256: "ab"), threads: 2
      ) { done, total in
        continuation.yield([done, total])
      }
      continuation.finish()
      var seen: Set<[Int]> = []
      for await report in reports { seen.insert(report) }
      #expect(seen == [[1, 3], [2, 3], [3, 3]])
    }
  }

  @Test(arguments: [1, 4])
  func unsoundActivationsAreNamed(threads: Int) async throws {
    try await withDataset { dataset in
      let first = CalibrationError.unsound(tensor: "conv", record: 0, value: "nan")
      await #expect(throws: first) {
        try await run(graph(weight: .nan), dataset, threads: threads)
      }
    }
  }

  @Test func emptyShardsAreNamed() async throws {
    try await withDataset { dataset in
      await #expect(throws: CalibrationError.emptyShard([5], count: 5, imageCount: 4)) {
        try await run(
          graph(), dataset, imageCount: 4, shards: CalibrationShards(5, of: 5))
      }
    }
  }

  @Test func picturesOfAnotherSizeAreNamed() async throws {
    try await withDataset { dataset in
      var graph = Graph(name: "wide", preprocessing: .unit(channels: 2))
      _ = graph.addTensor("input", [1, 4, 5, 2])
      let found = DatasetError.imageShape(expected: [1, 4, 5, 2], found: [1, 4, 3, 2])
      await #expect(throws: CalibrationError.dataset(found)) { try await run(graph, dataset) }
    }
  }
}
