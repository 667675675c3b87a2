import Files
import Foundation
import TestSupport
import Testing

/// Commands that follow one another through a workspace, on a handful of built-in images.
@Suite struct WorkflowTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder(like: Prepared.calibrated)
  }

  private static let model = "shapes-mobilenet-v3-small"

  @Test func twoCommandsMakeFirmware() throws {
    let outcome = try folder.run("emit-c", "--out", "firmware")
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("10 calibration images of data"))
    #expect(
      folder.names(in: "firmware").isSuperset(of: ["Makefile", "include", "main.c", "runtime"]))
    let summary = try #require(folder.read("firmware/net.json"))
    let object = try JSONSerialization.jsonObject(with: summary) as? [String: Any]
    #expect(object?["board"] as? String == "cortex-m4")
  }

  /// What a workspace remembers by a bundled model's name stays that model.
  @Test func filesOfABundledModelsNameChangeNothing() throws {
    try folder.write(Array("nothing".utf8), to: Self.model)
    let outcome = try folder.run("quantize", "--recipe", "minmax")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let typed = try folder.run("quantize", "--model", Self.model)
    #expect(typed.status == 1, "the file is what a user who types its name means")
  }

  @Test func equalInputsGiveEqualBytes() throws {
    let outcome = try folder.run("quantize", "--data", "data", "--out", "again.mnq")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let before = try Prepared.quantized.get().read("model.mnq")
    #expect(before != nil && folder.read("again.mnq") == before)
  }

  @Test func sixteenBitsStayAway() throws {
    let wide = try folder.run(
      "quantize", "--recipe", "minmax", "--int16", "pre-activation", "--out", "wide.mnq")
    #expect(wide.status == 0, "\(wide.errors)")
    let firmware = try folder.run("emit-c", "--quantized", "wide.mnq", "--out", "firmware")
    #expect(firmware.status == 0, "\(firmware.errors)")
    #expect(folder.names(in: "firmware/runtime").contains("mnq_conv2d_dsp_curve.c"))
    for format in ["tflite", "onnx"] {
      let export = try folder.run("export", "wide.mnq", "--format", format, "--out", "exported")
      #expect(export.status == 1)
      #expect(export.errors.contains("make the model without --int16"))
    }
    let both = try folder.run(
      "quantize", "--int16", "pre-activation", "--exact-with", "litert", "--out", "both.mnq")
    #expect(both.status == 64)
    #expect(folder.read("both.mnq") == nil)
  }

  /// A model with 16-bit tensors goes wherever an int8 one does, but for other tools.
  @Test func wideTensorsRunEverywhere() throws {
    let wide = try folder.run(
      "quantize", "--recipe", "minmax", "--int16", "auto:100000", "--out", "wide.mnq", "--json")
    let tensors = try #require(wide.json()["wideTensors"] as? [String])
    try #require(!tensors.isEmpty)
    let flash = try [["targets"], ["targets", "--quantized", "wide.mnq"]].map {
      try Tool.run($0 + ["--json"], in: folder.url).json()["flashBytes"] as? Int
    }
    #expect(flash[0] != nil && flash[0] == flash[1])
    let input = (0..<32 * 32 * 3).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    try folder.write(NumPyArray(input, shape: [1, 32, 32, 3]).file(), to: "x.npy")
    for engine in ["int8", "c"] {
      let run = try folder.run(
        "run", "wide.mnq", "--input", "x.npy", "--engine", engine, "--output", "\(engine).npy",
        "--dump-layers", engine)
      #expect(run.status == 0, "\(run.errors)")
    }
    #expect(folder.read("int8.npy") == folder.read("c.npy"))
    for file in folder.names(in: "int8") {
      #expect(folder.read("int8/\(file)") == folder.read("c/\(file)"), "\(file)")
    }
    #expect(
      folder.names(in: "int8").contains {
        folder.read("int8/\($0)").flatMap { try? NumPyArray(file: $0) }?.type == .int32
      })
    for arguments in [
      ["summary", "wide.mnq"], ["bench", "wide.mnq", "--seconds", "0.01"],
      ["compare", "--data", "data", "--quantized", "wide.mnq", "--layers", "--limit", "4"],
      ["report", "--data", "data", "--quantized", "wide.mnq", "--limit", "4", "--out", "r.html"],
      ["emit-c", "--quantized", "wide.mnq", "--out", "firmware"],
    ] {
      let outcome = try Tool.run(arguments, in: folder.url)
      #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    }
    #expect(folder.names(in: "firmware/runtime").contains("mnq_wide.h"))
    for format in ["tflite", "onnx"] {
      let export = try folder.run("export", "wide.mnq", "--format", format, "--out", "exported")
      #expect(export.status == 1)
      #expect(export.errors.contains("make the model without --int16"))
    }
  }

  /// The search says what it found; a board that it would not look at is wrong usage.
  @Test func aSearchSaysWhatItFound() throws {
    let best = try folder.run(
      "quantize", "--recipe", "best", "--target", "cortex-m7", "--out", "best.mnq", "--json")
    let search = try #require(best.json()["search"] as? [String: Any])
    let names = ["goal", "before", "after", "agreementBefore", "agreement", "cycles"]
    for name in names { #expect(search[name] is Double, "\(name)") }
    #expect(try #require(search["cycles"] as? Double) <= 1.15)
    #expect(["goal", "cycles", "arena", "exhausted"].contains(search["stop"] as? String))
    for words in [
      ["--target", "cortex-m4"], ["--recipe", "best", "--target", "cortex-m99"],
      ["--recipe", "best", "--int16", "all", "--target", "cortex-m4"],
      ["--recipe", "best", "--exact-with", "litert"],
    ] {
      let outcome = try Tool.run(["quantize", "--out", "none.mnq"] + words, in: folder.url)
      #expect(outcome.status == 64, "\(words)")
      #expect(folder.read("none.mnq") == nil)
    }
  }

  @Test(arguments: [
    "auto:", "auto:-1", "auto:abc", "auto:1:2", "automatic", "auto:9223372036854775807",
    "auto:99999999999999999999",
  ])
  func aBudgetIsANumberOfBytes(_ value: String) throws {
    let outcome = try folder.run("quantize", "--int16", value, "--out", "wide.mnq")
    #expect(outcome.status == 64)
    #expect(folder.read("wide.mnq") == nil)
  }

  /// One step more at a time, ending where the default recipe does.
  @Test func ladderShowsEveryStep() throws {
    let outcome = try folder.run("compare", "--data", "data", "--ladder", "--json")
    let object = try outcome.json()
    let steps = try #require(object["ladder"] as? [[String: Any]])
    #expect(object["images"] as? Int == 20)
    #expect(steps.first?["name"] as? String == "min/max")
    #expect(steps.last?["name"] as? String == "+ refitted weights")
    let plain = try #require(steps.first?["outputSQNRdB"] as? Double)
    let full = try #require(steps.last?["outputSQNRdB"] as? Double)
    #expect(full > plain)
  }

  @Test func mergedShardsEqualOneRun() throws {
    for shard in 1...3 {
      let outcome = try folder.run(
        "calibrate", "--data", "data", "--shard", "\(shard)/3", "--out", "\(shard).json")
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let merged = try folder.run(
      "calibrate", "merge", "3.json", "1.json", "2.json", "--out", "merged.json")
    #expect(merged.status == 0, "\(merged.errors)")
    #expect(folder.read("merged.json") == folder.read(".mnquant/calibration.json"))
  }

  /// Of several machines: the same text and the same JSON, to the last digit.
  @Test func mergedComparisonsEqualOneRun() throws {
    try folder.writeTinyData(to: "more", training: 1, test: 70)
    func compare(limit: Int = 66) -> [String] {
      ["compare", "--data", "more", "--limit", "\(limit)"]
    }
    for shard in 1...3 {
      let outcome = try Tool.run(
        compare() + ["--shard", "\(shard)/3", "--threads", "\(shard)"], in: folder.url)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.hasSuffix("shard \(shard)/3, \([32, 32, 2][shard - 1]) images\n"))
    }
    let files = [3, 1, 2].map { ".mnquant/comparison-\($0)-of-3.json" }
    for rest in [["--json"], ["--layers"]] {
      let whole = try Tool.run(compare() + rest, in: folder.url)
      let merged = try Tool.run(compare() + ["--merge"] + files + rest, in: folder.url)
      #expect(whole.status == 0 && merged.status == 0, "\(merged.errors)")
      #expect(merged.output == whole.output)
    }
    let gate = try Tool.run(
      compare() + ["--max-drop=-101", "--merge"] + files, in: folder.url)
    #expect(gate.status == 2)
    for (arguments, words) in [
      (["--merge"] + files.dropLast(), "for the missing 2/3"),
      (["--merge"] + files + [files[0]], "shard 3 occurs twice"),
      (["--merge", "more/test_batch.bin"], "not a shard of a comparison"),
      (["--split", "train", "--merge"] + files, "in shard 3, expected 1 of 1"),
      (["--resize", "30", "--merge"] + files, "the preprocessing is"),
      (["--shard", "1/4"], "use at most 3 shards"),
    ] {
      let outcome = try Tool.run(compare() + arguments, in: folder.url)
      #expect(outcome.status == 1 && outcome.errors.contains(words), "\(outcome.errors)")
    }
    let fewer = try Tool.run(compare(limit: 65) + ["--merge"] + files, in: folder.url)
    #expect(fewer.errors.contains("66 of 70 in shard 3, expected 65 of 70"), "\(fewer.errors)")
    try folder.writeTinyData(to: "more", training: 1, test: 69)
    let other = try Tool.run(compare() + ["--merge"] + files, in: folder.url)
    #expect(
      other.status == 1 && other.errors.contains("66 of 70 in shard 3, expected 66 of 69"),
      "\(other.errors)")
  }

  /// What is there, what is stale and why, and the command that comes next.
  @Test func statusSaysWhatIsStale() throws {
    func expect(
      _ problems: [String: String], next: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let status = try folder.run("status", "--json").json()
      let parts = try #require(status["parts"] as? [[String: Any]])
      #expect(
        parts.compactMap { $0["name"] as? String } == ["model", "calibration", "images", "int8"],
        sourceLocation: sourceLocation)
      for part in parts {
        let name = try #require(part["name"] as? String)
        let problem = part["problem"] as? String
        #expect((problem == nil) == (problems[name] == nil), sourceLocation: sourceLocation)
        #expect(
          problem?.contains(problems[name] ?? "") ?? true, "\(problem ?? "")",
          sourceLocation: sourceLocation)
      }
      #expect(status["next"] as? String == next, sourceLocation: sourceLocation)
      let text = try folder.run("status")
      #expect(
        text.status == 0 && text.output.hasSuffix("next         \(next)\n"),
        sourceLocation: sourceLocation)
    }
    try expect(["int8": "not made yet"], next: "mnquant quantize")
    #expect(try folder.run("quantize", "--recipe", "minmax").status == 0)
    try expect([:], next: "mnquant emit-c --out firmware/")
    let model = try #require(folder.read(".mnquant/quantized.mnq"))
    try folder.write(Array("other".utf8), to: ".mnquant/quantized.mnq")
    try expect(["int8": "another one"], next: "mnquant quantize")
    try folder.write(model, to: ".mnquant/quantized.mnq")
    let calibration = try #require(folder.read(".mnquant/calibration.json"))
    try folder.write(calibration + Data(" ".utf8), to: ".mnquant/calibration.json")
    try expect(["int8": "the calibration has changed"], next: "mnquant quantize")
    try folder.write(calibration, to: ".mnquant/calibration.json")
    try FileManager.default.moveItem(
      at: folder.url.appending(path: "data"), to: folder.url.appending(path: "moved"))
    try expect(["images": "no longer there"], next: "mnquant emit-c --out firmware/")
    let new = try folder.run("status", "--workspace", "none")
    #expect(new.status == 0 && new.output.hasPrefix("none: nothing has been done yet\n"))
  }

  @Test func compareHoldsWhatTheContractSays() throws {
    let arguments = ["compare", "--data", "data", "--json"]
    let outcome = try Tool.run(arguments + ["--threads", "1"], in: folder.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let result = try outcome.json()
    let top1 = ["float", "int8"].map { ((result[$0] as? [String: Any])?["top1"] as? Double) ?? -1 }
    #expect(result["images"] as? Int == 20)
    #expect(top1.allSatisfy { (0.7...1).contains($0) })
    let delta = try #require(result["deltaTop1Points"] as? Double)
    #expect(abs(delta - 100 * (top1[1] - top1[0])) < 1e-4)
    #expect((0.7...1).contains(result["agreement"] as? Double ?? -1))
    #expect((result["outputSQNRdB"] as? Double ?? 0) > 10)
    let layers = try #require(result["layers"] as? [[String: Any]])
    #expect(layers.count > 30)
    let noise = layers.map { $0["sqnrDB"] as? Double ?? .infinity }
    #expect(noise == noise.sorted())
    #expect(layers.allSatisfy { $0["name"] is String && $0["saturated"] is Double })
    #expect(layers.allSatisfy { ($0["cosine"] as? Double ?? 0) > 0.9 })
    #expect(try Tool.run(arguments + ["--threads", "3"], in: folder.url).output == outcome.output)
  }

  @Test func dropGateIsStatus2() throws {
    let outcome = try folder.run("compare", "--data", "data", "--max-drop=-101", "--json")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("--max-drop allows -101"))
    #expect(try outcome.json()["images"] as? Int == 20)
  }

  @Test func smallBoardIsStatus2AndWritesNothing() throws {
    let outcome = try folder.run("emit-c", "--out", "firmware", "--target", "stm32f103-bluepill")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("too much"))
    #expect(folder.names(in: "firmware").isEmpty)
  }

  @Test func firmwareKeepsForeignFiles() throws {
    try folder.write(Array("mine".utf8), to: "firmware/notes.txt")
    #expect(try folder.run("emit-c", "--out", "firmware").status == 0)
    #expect(folder.read("firmware/notes.txt") == Data("mine".utf8))
    #expect(folder.names(in: ".").filter { $0.contains("partial") }.isEmpty)
  }
}
