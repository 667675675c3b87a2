import Files
import Foundation
import Tensors
import TestSupport
import Testing

/// Calibration data that are no pictures: float32 `.npy` through every command.
@Suite struct ValueDataTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Height, width and channels: a keyword spotter's features, two microphones, a picture's, a
  /// thermal camera's with five more bands.
  private static let networks = [
    TinyNetwork(height: 49, width: 10, channels: 1),
    TinyNetwork(height: 16, width: 12, channels: 2),
    TinyNetwork(height: 12, width: 20, channels: 3), TinyNetwork(height: 8, width: 8, channels: 6),
  ]

  /// Decibels or degrees: far from what a pixel can be.
  private func features(_ row: [Int], count: Int) -> [Float] {
    var random = SplitMix64(seed: 3)
    return (0..<count).flatMap { _ in
      let level = Float.random(in: -30...10, using: &random)
      return (0..<row.reduce(1, *)).map { _ in level + Float.random(in: -9...9, using: &random) }
    }
  }

  private func write(_ network: TinyNetwork, count: Int = 80) throws {
    try folder.write(network.file, to: "tiny.onnx")
    let array = NumPyArray(features(network.row, count: count), shape: [count] + network.row)
    try folder.write(array.file(), to: "data.npy")
  }

  private func run(_ arguments: String...) throws -> Program.Outcome {
    let outcome = try Tool.run(arguments, in: folder.url)
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  /// What the file leaves open is said once, and is the same network then.
  @Test(arguments: networks.indices) func sizesAreSaid(_ index: Int) throws {
    let network = Self.networks[index]
    try write(network, count: 8)
    _ = try run("run", "tiny.onnx", "--input", "data.npy", "--output", "closed.npy")
    var open = network
    open.isOpen = true
    try folder.write(open.file, to: "open.onnx")
    let silent = try Tool.run(
      ["calibrate", "--model", "open.onnx", "--data", "data.npy"], in: folder.url)
    #expect(silent.status == 1 && silent.errors.contains("--input-shape"), "\(silent.errors)")
    let sizes = "1,\(network.channels),\(network.height),\(network.width)"
    _ = try run(
      "run", "open.onnx", "--input-shape", sizes, "--input", "data.npy", "--output", "open.npy")
    #expect(folder.read("open.npy") == folder.read("closed.npy"))
    _ = try run(
      "calibrate", "--model", "open.onnx", "--input-shape", sizes, "--data", "data.npy")
    _ = try run("quantize", "--recipe", "minmax", "--out", "open.mnq")
    let compared = try run("compare", "--data", "data.npy", "--json").json()
    #expect(compared["agreement"] is Double)
    for wrong in ["1,\(network.channels),\(network.height)", "0,1,2,3", "1,9,9,9", "x"] {
      let outcome = try Tool.run(
        ["run", "open.onnx", "--input-shape", wrong, "--input", "data.npy"], in: folder.url)
      #expect([1, 2, 64].contains(outcome.status) && !outcome.errors.isEmpty, "\(wrong)")
    }
  }

  @Test(arguments: networks.indices) func theWholeWay(_ index: Int) throws {
    let network = Self.networks[index]
    try write(network)
    let calibrated = try run("calibrate", "--model", "tiny.onnx", "--data", "data.npy")
    #expect(
      calibrated.errors.contains("pixels: none; float32 records are taken as preprocessed"),
      "\(calibrated.errors)")
    #expect(!calibrated.errors.contains("what pixels mean"))
    _ = try run("quantize", "--recipe", "minmax")
    let unlabelled = try run("compare", "--data", "data.npy", "--json").json()
    #expect(unlabelled["images"] as? Int == 80)
    #expect(try #require(unlabelled["outputSQNRdB"] as? Double) > 25)
    #expect(try #require(unlabelled["agreement"] as? Double) > 0.9)
    for key in ["float", "int8", "deltaTop1Points"] { #expect(unlabelled[key] == nil, "\(key)") }
    let text = try run("compare", "--data", "data.npy").output
    #expect(text.contains("agreement: ") && text.contains("output SQNR: "))
    #expect(!text.contains("top-1"))

    // The float network's own classes as labels: it is always right.
    _ = try run("run", "tiny.onnx", "--input", "data.npy", "--output", "y.npy")
    let outputs = try NumPyArray(file: try #require(folder.read("y.npy"))).values(Float.self)
    let logits = try #require(outputs)
    let labels = (0..<80).map { row -> Int in
      let part = logits[row * 4..<row * 4 + 4]
      return part.firstIndex(of: part.max() ?? 0).map { $0 - row * 4 } ?? 0
    }
    for array in [
      NumPyArray(labels.map(UInt8.init), shape: [80]),
      NumPyArray(labels.map(Int32.init), shape: [80]),
      NumPyArray(labels.map(Int64.init), shape: [80]),
    ] {
      try folder.write(array.file(), to: "data.labels.npy")
      let result = try run("compare", "--data", "data.npy", "--json", "--max-drop", "50").json()
      #expect((result["float"] as? [String: Double])?["top1"] == 1, "\(array.type)")
      #expect((result["int8"] as? [String: Double])?["top1"] == result["agreement"] as? Double)
    }
    let emitted = try run("emit-c", "--out", "firmware")
    #expect(emitted.errors.contains("10 calibration images of data"), "\(emitted.errors)")
    let header = String(
      decoding: try #require(folder.read("firmware/include/net.h")), as: UTF8.self)
    #expect(!header.contains("net_preprocess"))
    _ = try run("report", "--data", "data.npy", "--out", "page.html", "--ladder", "4")
  }

  /// Codes reach as far as the values did, and are those of `run`.
  @Test func theInputsRangeIsWhatWasSeen() throws {
    let network = Self.networks[1]
    try write(network)
    _ = try run("calibrate", "--model", "tiny.onnx", "--data", "data.npy")
    _ = try run("quantize", "--recipe", "minmax", "--out", "tiny.mnq")
    let values = features(network.row, count: 80)
    let lowest = try #require(values.min())
    let highest = try #require(values.max())
    var ends = [Float](repeating: 0, count: network.row.reduce(1, *))
    (ends[0], ends[1], ends[2]) = (lowest, highest, 0)
    try folder.write(NumPyArray(ends, shape: [1] + network.row).file(), to: "ends.npy")
    _ = try run("run", "tiny.mnq", "--input", "ends.npy", "--output", "codes.npy")
    let header = String(
      decoding: try #require(folder.read("tiny.mnq")).prefix(20_000), as: UTF8.self)
    let scale = try #require(header.firstMatch(of: /\\"scale\\":([0-9.]+)/)).1
    let step = try #require(Float(scale))
    #expect(abs(step * 255 - (max(highest, 0) - min(lowest, 0))) < 2 * step)
  }

  /// Photos that were normalized elsewhere keep the network's meaning of pixels, and cover more
  /// where they need more.
  @Test func normalizedPhotosKeepTheTableOfPixels() throws {
    var network = Self.networks[2]
    network.metadata = [
      ("preprocessing.mean", "0.5,0.5,0.5"), ("preprocessing.std", "0.5,0.5,0.5"),
    ]
    try write(network)
    _ = try run("calibrate", "--model", "tiny.onnx", "--data", "data.npy")
    _ = try run("emit-c", "--out", "firmware")
    let header = String(
      decoding: try #require(folder.read("firmware/include/net.h")), as: UTF8.self)
    #expect(header.contains("net_preprocess"))
    let compared = try run("compare", "--data", "data.npy", "--json").json()
    #expect(try #require(compared["outputSQNRdB"] as? Double) > 20)
  }

  @Test func othersAreRefused() throws {
    let network = Self.networks[2]
    try write(network)
    let values = features(network.row, count: 4)
    func refusal(_ array: NumPyArray, _ arguments: [String] = []) throws -> String {
      try folder.write(array.file(), to: "bad.npy")
      let outcome = try Tool.run(
        ["calibrate", "--model", "tiny.onnx", "--data", "bad.npy"] + arguments, in: folder.url)
      #expect(outcome.status == 1 && folder.read(".mnquant/calibration.json") == nil)
      return outcome.errors
    }
    let gray = NumPyArray([UInt8](repeating: 7, count: 240), shape: [1, 12, 20, 1])
    #expect(try refusal(gray).contains("use data of 3 channels"))
    #expect(
      try refusal(NumPyArray(values, shape: [4, 3, 12, 20])).contains(
        "bad.npy: the shape is [4, 3, 12, 20], and the network takes [N, 12, 20, 3] (NHWC): it is "
          + "NCHW; turn it with numpy, x.transpose(0, 2, 3, 1)"))
    #expect(
      try refusal(NumPyArray(values, shape: [4, 20, 12, 3])).contains("reshape or transpose"))
    #expect(
      try refusal(NumPyArray(Array(values.prefix(720)), shape: [12, 20, 3])).contains("x[None]"))
    #expect(
      try refusal(NumPyArray(values.map { _ in UInt8(1) }, shape: [4, 3, 12, 20]))
        .contains("the file is NCHW"))
    for bad in [Float.nan, .infinity, -.infinity] {
      var changed = values
      changed[720 * 2 + 60 * 5 + 3 * 7 + 1] = bad
      #expect(
        try refusal(NumPyArray(changed, shape: [4, 12, 20, 3])).contains(
          "bad.npy: the value at [2, 5, 7, 1] is \(bad), expected finite numbers"))
    }
  }

  @Test func labelsThatDoNotFitAreRefused() throws {
    try write(Self.networks[3], count: 4)
    _ = try run("calibrate", "--model", "tiny.onnx", "--data", "data.npy")
    _ = try run("quantize", "--recipe", "minmax")
    func refusal(_ array: NumPyArray, _ arguments: String...) throws -> String {
      try folder.write(array.file(), to: "data.labels.npy")
      let outcome = try Tool.run(["compare", "--data", "data.npy"] + arguments, in: folder.url)
      #expect(outcome.status == 1)
      return outcome.errors
    }
    #expect(
      try refusal(NumPyArray([Int32](repeating: 0, count: 3), shape: [3]))
        .contains("data.labels.npy: holds '<i4' numbers of shape [3], expected labels"))
    #expect(try refusal(NumPyArray([Float](repeating: 0, count: 4), shape: [4])).contains("'<f4'"))
    for label in [Int64(4), -1] {
      #expect(
        try refusal(NumPyArray([0, 1, label, 2], shape: [4]))
          .contains("record 2 has label \(label), and the model has 4 classes"))
    }
    try FileManager.default.removeItem(at: folder.url.appending(path: "data.labels.npy"))
    let gated = try folder.run("compare", "--data", "data.npy", "--max-drop", "1")
    #expect(gated.status == 1 && gated.errors.contains("no labels, which --max-drop needs"))
  }

  /// Pictures mean nothing to a network that was calibrated with other inputs.
  @Test func picturesAreRefusedThen() throws {
    let network = Self.networks[2]
    try write(network)
    _ = try run("calibrate", "--model", "tiny.onnx", "--data", "data.npy")
    let pixels = NumPyArray([UInt8](repeating: 9, count: 720), shape: [1, 12, 20, 3])
    try folder.write(pixels.file(), to: "pixels.npy")
    _ = try run("quantize", "--recipe", "minmax")
    let outcome = try folder.run("compare", "--data", "pixels.npy")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("pixels.npy: holds pictures"), "\(outcome.errors)")
  }

  /// Shards of features merge to what one run gives.
  @Test func shardsMerge() throws {
    try write(Self.networks[0])
    for shard in ["1/2", "2/2"] {
      _ = try run(
        "calibrate", "--model", "tiny.onnx", "--data", "data.npy", "--shard", shard, "--out",
        "\(shard.prefix(1)).json")
    }
    _ = try run("calibrate", "merge", "1.json", "2.json", "--out", "merged.json")
    _ = try run("calibrate", "--model", "tiny.onnx", "--data", "data.npy", "--out", "whole.json")
    #expect(folder.read("merged.json") == folder.read("whole.json"))
  }
}
