import Calibration
import Foundation
import NetworkGraph
import Tensors
import Testing

@Suite struct TableTests {
  private static let images: [[Float]] = [
    [0.1, -3], [1e-7, 2], [5, 0.3], [-0.7, 1 / 3], [8, 1],
  ]

  /// A table of one tensor `x` of two channels, of the images that `shards` covers.
  private static func table(
    _ shards: CalibrationShards = .whole, method: CalibrationMethod = .minMax, model: String = "ab"
  ) -> CalibrationTable {
    var statistics = TensorStatistics(channels: 2)
    for position in shards.positions(imageCount: images.count) {
      let image = images[position]
      let faulty = statistics.observe(image.span)
      #expect(faulty == nil)
    }
    let sample = CalibrationSample(
      dataset: "tiny", path: "data/tiny", split: "train", recordCount: 5, imageCount: 5,
      sha256: "cd")
    return CalibrationTable(
      tool: "0.1", model: CalibratedModel(file: "m.onnx", sha256: model),
      preprocessing: Preprocessing(mean: [0.4914, 0.4822], std: [0.247, 0.2435]), sample: sample,
      shards: shards, method: method, names: ["x"], statistics: [statistics])
  }

  private static func graph(tensor name: String = "x", channels: Int = 2) -> Graph {
    var graph = Graph(name: "g", preprocessing: .unit(channels: channels))
    _ = graph.addTensor(name, [1, 1, 1, channels])
    return graph
  }

  @Test(arguments: CalibrationMethod.allCases)
  func fileGivesBackEveryBit(_ method: CalibrationMethod) throws {
    let table = Self.table(method: method)
    let bytes = try table.bytes()
    let read = try CalibrationTable(bytes: bytes)
    #expect(read == table)
    #expect(try read.bytes() == bytes)
  }

  @Test(arguments: [1, 2, 5])
  func mergedShardsGiveTheBytesOfOneRun(count: Int) throws {
    let shards = try (1...count).reversed().map { index in
      try CalibrationTable(bytes: Self.table(CalibrationShards(index, of: count)).bytes())
    }
    let merged = try CalibrationTable.merge(shards)
    #expect(try merged.bytes() == Self.table().bytes())
  }

  @Test func mergeRejectsWhatIsNotItsShard() {
    let (first, second) = (CalibrationShards(1, of: 2), CalibrationShards(2, of: 2))
    #expect(throws: CalibrationError.repeatedShard(1)) {
      try CalibrationTable.merge([Self.table(first), Self.table(first)])
    }
    #expect(throws: CalibrationError.differs("the model's SHA-256", first: "ab", second: "xy")) {
      try CalibrationTable.merge([Self.table(first), Self.table(second, model: "xy")])
    }
    #expect(throws: CalibrationError.differs("the method", first: "min-max", second: "mse")) {
      try CalibrationTable.merge(
        [Self.table(first), Self.table(second, method: .meanSquaredError)])
    }
    #expect(throws: CalibrationError.nothingToMerge) { try CalibrationTable.merge([]) }
  }

  @Test func checkRejectsWhatDoesNotFitTheModel() throws {
    try Self.table().check(Self.graph(), modelSHA256: "ab")
    #expect(throws: CalibrationError.otherModel(file: "m.onnx", expected: "ef", found: "ab")) {
      try Self.table().check(Self.graph(), modelSHA256: "ef")
    }
    #expect(throws: CalibrationError.missingTensor("y")) {
      try Self.table().check(Self.graph(tensor: "y"), modelSHA256: "ab")
    }
    #expect(throws: CalibrationError.channels(tensor: "x", expected: 3, found: 2)) {
      try Self.table().check(Self.graph(channels: 3), modelSHA256: "ab")
    }
    #expect(throws: CalibrationError.incomplete(missing: [2, 3], count: 3)) {
      try Self.table(CalibrationShards(1, of: 3)).check(Self.graph(), modelSHA256: "ab")
    }
  }

  @Test func everyTruncationIsAnError() throws {
    let bytes = try Self.table().bytes()
    for count in 0..<bytes.count - 2 {
      #expect(throws: CalibrationError.self) { try CalibrationTable(bytes: bytes.prefix(count)) }
    }
  }

  @Test(arguments: [
    (#""count":1"#, #""count":0"#, "shards [1] of 0 are impossible"),
    (#""imageCount":5"#, #""imageCount":6"#, "6 images of 5 are impossible"),
    (#""exponent":-7"#, #""exponent":-700"#, "exponent -700"),
    (#""valuesPerChannel":5"#, #""valuesPerChannel":4"#, "tensor 'x' contradict one another"),
    (#""method":"min-max""#, #""method":"best""#, "'method'"),
    (#","tool":"0.1""#, "", "has no 'tool'"),
  ])
  func damageIsNamed(_ intact: String, _ damaged: String, _ reason: String) throws {
    let text = String(decoding: try Self.table().bytes(), as: UTF8.self)
    try #require(text.contains(intact))
    let bytes = Data(text.replacingOccurrences(of: intact, with: damaged).utf8)
    let error = #expect(throws: CalibrationError.self) { try CalibrationTable(bytes: bytes) }
    #expect(error?.description.contains(reason) == true)
  }
}
