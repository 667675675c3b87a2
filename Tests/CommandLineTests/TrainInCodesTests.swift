import Foundation
import TestSupport
import Testing

/// `mnquant train --quantization-aware` and `mnquant quantize --tune`, to a `.mnq` that the other commands
/// go on from.
@Suite struct TrainInCodesTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.writeTinyData(training: 60, test: 10)
    let float = try Tool.run(
      [
        "train", "--architecture", "mobilenet-v1-small,width=0.25", "--data", "data", "--batch",
        "20",
        "--epochs", "1", "--out", "float.safetensors",
      ], in: folder.url)
    try #require(float.status == 0, "\(float.errors)")
  }

  private static let command = [
    "train", "--quantization-aware", "--from", "float.safetensors", "--data", "data", "--recipe",
    "fast",
    "--batch", "16", "--epochs", "3", "--rate", "0.2",
  ]

  private func run(_ arguments: String...) throws -> Program.Outcome {
    try Tool.run(arguments, in: folder.url)
  }

  @Test func theOtherCommandsGoOn() throws {
    let outcome = try Tool.run(Self.command + ["--json"], in: folder.url)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let report = try outcome.json()
    #expect(report["file"] as? String == ".mnquant/quantized.mnq")
    #expect((report["epochs"] as? [Any])?.count == 3)
    #expect(report["testImages"] as? Int == 10)
    let int8 = try #require(report["int8Top1"] as? Double)
    let page = try #require(folder.read(".mnquant/quantized.html"))
    #expect(String(decoding: page, as: UTF8.self).contains("<polyline"))
    let model = try #require(folder.read(".mnquant/quantized.mnq"))
    let compared = try run("compare", "--data", "data", "--json")
    try #require(compared.status == 0, "\(compared.errors)")
    #expect((try compared.json()["int8"] as? [String: Any])?["top1"] as? Double == int8)
    #expect(try run("emit-c", "--out", "firmware").status == 0)
    #expect(folder.read(".mnquant/quantized.mnq") == model, "it was quantized anew")
  }

  /// With any number of threads, and after a stop.
  @Test func equalBytes() throws {
    for (out, rest) in [
      ("one", ["--threads", "1"]), ("two", ["--threads", "2", "--checkpoint", "kept.safetensors"]),
      ("kept", ["--threads", "3", "--checkpoint", "kept.safetensors"]),
    ] {
      let outcome = try Tool.run(Self.command + rest + ["--out", "\(out).mnq"], in: folder.url)
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    let one = try #require(folder.read("one.mnq"))
    #expect(folder.read("two.mnq") == one && folder.read("kept.mnq") == one)
  }

  @Test(arguments: [
    (["--int16", "pre-activation"], 0, "epoch 3"), (["--int16", "auto"], 0, "epoch 3"),
    (["--out", "model.onnx"], 64, "mnq"), (["--dropout", "0.1"], 64, "--dropout"),
    (["--rate", "1e6"], 1, "lower --rate"),
    (["--batch", "64"], 1, "lower --batch"),
  ])
  func optionsAreTakenOrSaid(_ options: [String], status: Int32, words: String) throws {
    let outcome = try Tool.run(Self.command + options, in: folder.url)
    #expect(outcome.status == status, "\(options): \(outcome.errors)")
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }

  @Test func whatCannotLearnIsSaid() throws {
    let nothing = try run(
      "train", "--quantization-aware", "--architecture", "mobilenet-v2", "--data", "data")
    #expect(nothing.status == 64 && nothing.errors.contains("--from"), "\(nothing.errors)")
    try folder.writePhotos(classes: ["blue", "gray"], count: 12)
    let other = try run(
      "train", "--quantization-aware", "--from", "float.safetensors", "--data", "photos")
    #expect(other.status == 1 && other.errors.contains("2 classes"), "\(other.errors)")
  }

  @Test func tunesWithoutLabels() throws {
    #expect(try run("calibrate", "--model", "float.safetensors", "--data", "data").status == 0)
    for (out, threads) in [("a.mnq", "1"), ("b.mnq", "2")] {
      let outcome = try run(
        "quantize", "--recipe", "fast", "--tune", "--out", out, "--threads", threads, "--json")
      try #require(outcome.status == 0, "\(outcome.errors)")
      let tuning = try #require(try outcome.json()["tuning"] as? [String: Any])
      let (before, after) = (
        try #require(tuning["before"] as? Double), try #require(tuning["after"] as? Double)
      )
      #expect(tuning["isKept"] as? Bool == (after > before))
    }
    #expect(folder.read("a.mnq") != nil && folder.read("a.mnq") == folder.read("b.mnq"))
    #expect(try run("quantize", "--tune", "0.01", "--out", "c.mnq").status == 0)
    #expect(try run("quantize", "--tune", "-3").status == 64)
    #expect(try run("quantize", "--tune", "--exact-with", "litert").status == 64)
  }
}
