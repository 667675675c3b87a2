import Datasets
import Files
import Foundation
import TestSupport
import Testing

/// Bad input is a sentence and a status, and leaves earlier files whole.
@Suite struct BadInputTests {
  private let folder: TemporaryFolder
  private static let model = "shapes-mobilenet-v3-small"
  /// Files that every command might destroy, with what they held before.
  private static let earlier = [".mnquant/calibration.json", ".mnquant/quantized.mnq", "fw/net.c"]

  init() throws {
    folder = try TemporaryFolder(like: Prepared.quantized)
    let outcome = try folder.run("emit-c", "--out", "fw")
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  /// Runs a command that must fail, and checks that it says so in one sentence with `words`.
  private func expectFailure(
    _ arguments: String..., status: Int32 = 1, words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = Self.earlier.map(folder.read)
    let outcome = try Tool.run(arguments, in: folder.url)
    #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
    let sentences = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("Error: ") }
    #expect(sentences.count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
    for word in words {
      #expect(
        sentences.first?.contains(word) == true, "'\(word)' in \(outcome.errors)",
        sourceLocation: sourceLocation)
    }
    #expect(Self.earlier.map(folder.read) == before, sourceLocation: sourceLocation)
  }

  @Test func missingFolder() throws {
    try expectFailure("calibrate", "--data", "nowhere", words: "nowhere: there is no such")
  }

  @Test func emptyFolder() throws {
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "empty"), withIntermediateDirectories: true)
    try expectFailure("calibrate", "--data", "empty", words: "empty", "expected")
  }

  @Test func truncatedBatch() throws {
    let bytes = try #require(folder.read("data/data_batch_1.bin"))
    try folder.write(bytes.dropLast(100), to: "data/data_batch_1.bin")
    try expectFailure(
      "calibrate", "--data", "data", words: "data_batch_1.bin: record 39 at byte 119847",
      "expected 3073")
  }

  @Test func labelOutOfRange() throws {
    var bytes = try #require(folder.read("data/test_batch.bin"))
    bytes[3 * 3073] = 10
    try folder.write(bytes, to: "data/test_batch.bin")
    try expectFailure(
      "compare", "--data", "data", words: "test_batch.bin: record 3 at byte 9219", "label 10")
  }

  @Test func filesOfOtherTools() throws {
    let zip = Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 60)
    try folder.write(zip, to: "x.pth")
    try expectFailure("summary", "x.pth", words: "x.pth: ", "damaged")
    try folder.write(zip, to: "x.keras")
    try expectFailure("summary", "x.keras", words: "x.keras: ", "net.export")
    try folder.write(zip, to: "x.onnx")
    try expectFailure("summary", "x.onnx", words: "x.onnx: ", "torch.onnx.export")
    try folder.write(
      Array("\u{89}HDF\r\n\u{1A}\n".unicodeScalars.map { UInt8($0.value) }), to: "x.h5")
    try expectFailure("summary", "x.h5", words: "x.h5: ", "net.export")
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "saved"), withIntermediateDirectories: true)
    try folder.write([], to: "saved/saved_model.pb")
    for path in ["saved", "saved/saved_model.pb"] {
      try expectFailure("summary", path, words: "\(path): ", "tf2onnx.convert --saved-model")
    }
    let weights = Locations.tests.appending(path: "FilesTests/Torch/state.pth").path
    try expectFailure("summary", weights, words: "state.pth: ", "--architecture")
    try expectFailure(
      "summary", weights, "--architecture", "mobilenet-v1-small", words: "state.pth: ",
      "features.0.0.weight")
  }

  @Test func modelThatIsNone() throws {
    try folder.write(Array("not a model".utf8), to: "text.onnx")
    try expectFailure("summary", "text.onnx", words: "text.onnx: ", ".safetensors")
    try folder.write([], to: "empty.onnx")
    try expectFailure("summary", "empty.onnx", words: "empty.onnx: ")
    let quantized = try #require(folder.read(".mnquant/quantized.mnq"))
    for count in [4, 100, quantized.count / 2, quantized.count - 1] {
      try folder.write(quantized.prefix(count), to: "cut.mnq")
      try expectFailure("emit-c", "--out", "fw", "--quantized", "cut.mnq", words: "cut.mnq: ")
    }
  }

  @Test(arguments: [
    ("unsupported.onnx", ["node '", "supported"]), ("nan-weight.onnx", ["found nan"]),
  ])
  func modelThatCannotBeUsed(_ row: (file: String, words: [String])) throws {
    let fixtures = Locations.tests.appending(path: "ModelImportTests/Fixtures/\(row.file)")
    try folder.write(try Data(contentsOf: fixtures), to: row.file)
    let outcome = try folder.run("calibrate", "--data", "data", "--model", row.file)
    #expect(outcome.status == 1)
    for word in row.words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
  }

  @Test func wrongInput() throws {
    let small = NumPyArray([UInt8](repeating: 0, count: 16 * 16 * 3), shape: [1, 16, 16, 3])
    try folder.write(small.file(), to: "small.npy")
    try expectFailure(
      "run", Self.model, "--input", "small.npy", words: "small.npy", "1x16x16x3", "1x32x32x3")
    var values = [Float](repeating: 0, count: 32 * 32 * 3)
    values[7] = .nan
    try folder.write(NumPyArray(values, shape: [1, 32, 32, 3]).file(), to: "nan.npy")
    try expectFailure("run", Self.model, "--input", "nan.npy", words: "nan.npy: value 7 is nan")
    try folder.write(small.file().prefix(200), to: "cut.npy")
    try expectFailure("run", Self.model, "--input", "cut.npy", words: "cut.npy", "cut off")
  }

  @Test func numbersThatOverflow() throws {
    let large = NumPyArray([Float](repeating: 3e38, count: 3072), shape: [1, 32, 32, 3])
    try folder.write(large.file(), to: "large.npy")
    try expectFailure(
      "run", Self.model, "--input", "large.npy", "--output", "y.npy",
      words: "\(Self.model): run 0 gives", "expected finite outputs")
    #expect(folder.read("y.npy") == nil)
    for arguments in [
      ["run", Self.model, "--input", "large.npy", "--mean", "1e38"],
      ["run", Self.model, "--input", "large.npy", "--std", "0.1,1e-45,0.1"],
      ["compare", "--data", "data", "--max-drop", "nan"],
    ] {
      #expect(try Tool.run(arguments, in: folder.url).status == 64, "\(arguments)")
    }
  }

  /// Plain models saturate; those that repeat a runtime do as it does, which wraps.
  @Test func inputsBeyondTheCodes() throws {
    let ends: [Float] = [-1e9, 1e9, -3e38, 3e38]
    let values = (0..<32 * 32 * 3).map { ends[$0 % 4] }
    try folder.write(NumPyArray(values, shape: [1, 32, 32, 3]).file(), to: "far.npy")
    let codes = (0..<32 * 32 * 3).map { $0 % 2 == 0 ? Int8.min : .max }
    try folder.write(NumPyArray(codes, shape: [1, 32, 32, 3]).file(), to: "codes.npy")
    func output(_ model: String, _ input: String) throws -> Data? {
      let outcome = try folder.run("run", model, "--input", input, "--output", "y.npy")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let output = try NumPyArray(file: try #require(folder.read("y.npy"))).values(Int8.self)
      return output.map { Data($0.map(UInt8.init(bitPattern:))) }
    }
    let plain = ".mnquant/quantized.mnq"
    #expect(try output(plain, "far.npy") == output(plain, "codes.npy"))
    for value in [Float.nan, .infinity, -.infinity] {
      let values = [value] + values.dropFirst()
      try folder.write(NumPyArray(values, shape: [1, 32, 32, 3]).file(), to: "bad.npy")
      try expectFailure(
        "run", plain, "--input", "bad.npy",
        words: "bad.npy: value 0 is \(value); expected finite numbers")
    }
  }

  @Test func folderInPlaceOfAFile() throws {
    for path in ["data", "data/", "new/"] {
      try expectFailure(
        "quantize", "--recipe", "minmax", "--out", path,
        words: "\(path): cannot be written: it is a folder; name a file in it")
    }
    try expectFailure(
      "run", Self.model, "--input", "data", words: "data: cannot be read: it is a folder")
    try expectFailure("summary", "data", words: "data: cannot be read: it is a folder")
  }

  @Test func wrongEngine() throws {
    try folder.write(
      NumPyArray([UInt8](repeating: 0, count: 3072), shape: [1, 32, 32, 3]).file(), to: "x.npy")
    try expectFailure(
      "run", Self.model, "--input", "x.npy", "--engine", "c", words: "float", "mnquant quantize")
    try expectFailure(
      "run", ".mnquant/quantized.mnq", "--input", "x.npy", "--engine", "float", words: "int8")
  }

  @Test func boardThatIsTooSmall() throws {
    try expectFailure(
      "emit-c", "--out", "fw", "--target", "stm32f103-bluepill", status: 2,
      words: "stm32f103-bluepill has 64 KiB", "too much", "would help", "where it fits",
      "mnquant targets")
  }

  @Test func folderThatCannotBeWritten() throws {
    // A file stands where a folder is needed: nobody may write there, root included.
    try expectFailure("emit-c", "--out", "data/test_batch.bin/fw", words: "cannot be written")
    try expectFailure(
      "calibrate", "--data", "data", "--out", "data/test_batch.bin/c.json",
      words: "cannot be written")
    try expectFailure(
      "quantize", "--out", "data/test_batch.bin/q.mnq", words: "cannot be written")
  }

  @Test func calibrationOfAnotherModel() throws {
    try expectFailure(
      "quantize", "--model", "cifar10-mobilenet-v1", words: "calibration.json", "another model")
  }

  @Test func calibrationThatIsMissingOrDamaged() throws {
    try expectFailure("emit-c", "--out", "fw", "--workspace", "new", words: "mnquant calibrate")
    try folder.write(Array("{}".utf8), to: "damaged.json")
    try expectFailure("quantize", "--calibration", "damaged.json", words: "damaged.json: ")
    try folder.write(Array("{".utf8), to: "broken/workspace.json")
    try expectFailure(
      "quantize", "--workspace", "broken", words: "broken/workspace.json: damaged")
  }

  @Test func imagesThatChanged() throws {
    try folder.writeTinyData(to: "other", training: 41)
    try expectFailure("quantize", "--data", "other", words: "other: ", "not those", "SHA-256")
  }

  @Test func shardsThatDoNotBelongTogether() throws {
    for (name, samples) in [("a", "10"), ("b", "12")] {
      _ = try folder.run(
        "calibrate", "--data", "data", "--samples", samples, "--shard",
        name == "a" ? "1/2" : "2/2", "--out", "\(name).json")
    }
    try expectFailure("calibrate", "merge", "a.json", "b.json", words: "not shards of one")
    try expectFailure("quantize", "--calibration", "a.json", words: "a.json", "missing")
  }
}
