import Datasets
import Files
import Foundation
import TestSupport
import Testing

/// `export` to other tools' formats. What those tools compute is tested in `Tests/Interop`.
@Suite struct ExportTests {
  private let folder: TemporaryFolder
  private static let model = "shapes-mobilenet-v3-small"

  init() throws {
    folder = try TemporaryFolder(like: Prepared.calibrated)
  }

  /// Codes that reach every value.
  private static let codes = (0..<32 * 32 * 3).map { Int8(truncatingIfNeeded: $0 &* 37) }

  /// What `run` gives for these codes.
  private func output(_ arguments: String...) throws -> [Int8]? {
    try folder.write(NumPyArray(Self.codes, shape: [1, 32, 32, 3]).file(), to: "x.npy")
    let outcome = try Tool.run(
      ["run"] + arguments + ["--input", "x.npy", "--output", "y.npy"], in: folder.url)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try NumPyArray(file: try #require(folder.read("y.npy"))).values(Int8.self)
  }

  /// What comes back from a TensorFlow Lite file is what went in, with the runtime on record.
  @Test(arguments: ["litert", "tflm"]) func tfliteComesBackAsItWas(_ runtime: String) throws {
    let quantized = try folder.run("quantize", "--exact-with", runtime, "--out", "model.mnq")
    try #require(quantized.status == 0, "\(quantized.errors)")
    let exported = try folder.run(
      "export", "model.mnq", "--format", "tflite", "--out", "model.tflite", "--json")
    try #require(exported.status == 0, "\(exported.errors)")
    #expect(try exported.json()["exactWith"] as? String == runtime)
    let before = try output("model.mnq")
    #expect(before != nil)
    #expect(try output("model.tflite", "--exact-with", runtime) == before)
  }

  /// What the format cannot say is said.
  @Test func tfliteDropsTheInputsOffset() throws {
    let halves = ["--mean", "0.5", "--std", "0.5"]
    let calibrated = try Tool.run(
      ["calibrate", "--data", "data", "--model", Self.model] + halves, in: folder.url)
    #expect(calibrated.status == 0, "\(calibrated.errors)")
    for (option, warns) in [("--exact-input", true), ("--no-exact-input", false)] {
      let quantized = try folder.run(
        "quantize", "--exact-with", "litert", "--recipe", "minmax", option, "--out", "model.mnq")
      #expect(quantized.status == 0, "\(quantized.errors)")
      let exported = try folder.run(
        "export", "model.mnq", "--format", "tflite", "--out", "model.tflite")
      #expect(exported.errors.contains("--no-exact-input") == warns, "\(exported.errors)")
    }
  }

  /// Correctly rounded tables are not what a runtime computes; the way out is named.
  @Test func idealTablesAreNoTFLite() throws {
    #expect(try folder.run("quantize", "--out", "model.mnq").status == 0)
    let outcome = try folder.run(
      "export", "model.mnq", "--format", "tflite", "--out", "model.tflite")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("of its 256 codes otherwise"), "\(outcome.errors)")
    #expect(outcome.errors.contains("`mnquant quantize --exact-with litert`"))
    #expect(folder.read("model.tflite") == nil)
  }

  /// What would be lost, named wrongly or without effect is refused before anything is written.
  @Test func filesThatAreSomethingElse() throws {
    #expect(try folder.run("quantize", "--recipe", "minmax", "--out", "model.mnq").status == 0)
    let model = try #require(folder.read("model.mnq"))
    for (arguments, words) in [
      (["--format", "onnx", "--out", "./model.mnq"], "which the command reads"),
      (["--format", "onnx", "--out", "model.tflite"], "expected a name that ends in .onnx"),
      (["--format", "tflite", "--out", "model.ONNX"], "expected a name that ends in .tflite"),
      (
        ["--format", "onnx", "--out", "model.onnx", "--exact-with", "tflm"],
        "--exact-with is for --format tflite"
      ),
    ] {
      let outcome = try Tool.run(["export", "model.mnq"] + arguments, in: folder.url)
      #expect(outcome.status == 64, "\(arguments)")
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }
    #expect(try folder.run("quantize", "--out", "model.onnx").status == 64)
    #expect(try folder.run("calibrate", "--data", "data", "--out", "model.mnq").status == 64)
    for lost in [
      ["calibrate", "--data", "x.npy", "--out", "x.npy"],
      ["quantize", "--data", "x.npy", "--out", "./x.npy"],
      ["run", "model.mnq", "--input", "x.npy", "--output", "x.npy"],
      ["run", "model.mnq", "--input", "x.npy", "--output", "model.mnq"],
    ] {
      let outcome = try Tool.run(lost, in: folder.url)
      #expect(outcome.status == 64, "\(lost)")
      #expect(outcome.errors.contains("which the command reads"), "\(outcome.errors)")
    }
    #expect(folder.names(in: ".") == ["data", "model.mnq", ".mnquant"])
    #expect(folder.read("model.mnq") == model)
  }

  /// Either kind of tables can be written as ONNX, and the same model gives the same bytes.
  @Test(arguments: [[], ["--exact-with", "litert"]]) func onnx(_ exactness: [String]) throws {
    let quantized = try Tool.run(["quantize", "--out", "model.mnq"] + exactness, in: folder.url)
    #expect(quantized.status == 0, "\(quantized.errors)")
    for name in ["a.onnx", "b.onnx"] {
      let exported = try folder.run(
        "export", "model.mnq", "--format", "onnx", "--out", name, "--json")
      #expect(exported.status == 0, "\(exported.errors)")
      #expect(try exported.json()["bytes"] as? Int == folder.read(name)?.count)
    }
    #expect(folder.read("a.onnx") == folder.read("b.onnx"))
  }
}
