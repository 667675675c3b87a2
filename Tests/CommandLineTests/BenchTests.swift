import Foundation
import TestSupport
import Testing

/// `bench` in its forms.
@Suite struct BenchTests {
  @Test(arguments: ["--threads=1", "--threads=2"])
  func measuresTheFloatReference(_ threads: String) throws {
    let folder = try TemporaryFolder()
    let report = try folder.run(
      "bench", "shapes-mobilenet-v3-small", "--seconds", "0.1", threads, "--json"
    ).json()
    let layers = try #require(report["layers"] as? [[String: Any]])
    let shares = layers.compactMap { $0["share"] as? Double }
    #expect(report["engine"] as? String == "float")
    let families = ["scalar", "avx2", "avxvnni", "avx512", "avx512 with vnni", "neon"]
    #expect(families.contains(try #require(report["kernels"] as? String)))
    #expect(try #require(report["images"] as? Int) > 0)
    #expect(try #require(report["imagesPerSecond"] as? Double) > 0)
    #expect(shares.count == layers.count)
    #expect(abs(shares.reduce(0, +) - 1) < 1e-6)
  }

  @Test(arguments: [
    "mobilenet-v1-small,width=0.25", "mobilenet-v3-small,width=0.25,small-images",
    "shapes-mobilenet-v3-small",
  ])
  func measuresTraining(_ network: String) throws {
    let folder = try TemporaryFolder()
    let report = try folder.run(
      "bench", network, "--training", "--batch", "4", "--seconds", "0.1", "--json"
    ).json()
    #expect(report["batch"] as? Int == 4)
    #expect(try #require(report["steps"] as? Int) > 0)
    #expect(try #require(report["imagesPerCPUSecond"] as? Double) > 0)
    #expect(try #require(report["bytes"] as? Int) >= 0)
  }

  @Test(arguments: [["--engine", "int8"], ["--target", "cortex-m4"], ["--batch", "0"]])
  func refusesWhatTrainingHasNot(_ more: [String]) throws {
    let folder = try TemporaryFolder()
    let outcome = try Tool.run(
      ["bench", "mobilenet-v1-small", "--training"] + more, in: folder.url)
    #expect(outcome.status == 64, "\(outcome.errors)")
  }

  @Test(arguments: ["int8", "swift", "c"])
  func measuresEveryEngine(_ engine: String) throws {
    let folder = try TemporaryFolder(like: Prepared.quantized)
    let outcome = try folder.run("bench", "model.mnq", "--seconds", "0.1", "--engine", engine)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("depthwiseConv2D"))
    #expect(outcome.output.contains("images/s"))
  }

  @Test(
    .enabled(
      if: Program.crossToolsExist,
      "\(Program.crossToolsAbsence)"))
  func countsFirmware() throws {
    let folder = try TemporaryFolder(like: Prepared.quantized)
    let report = try folder.run(
      "bench", "model.mnq", "--target", "cortex-m4", "--json"
    ).json()
    let figures = try #require(report["figures"] as? [String: Any])
    let total = try #require(figures["instructions"] as? Int)
    let layers = try #require(report["layers"] as? [[String: Any]])
    let sum = layers.compactMap { $0["instructions"] as? Int }.reduce(0, +)
    // Each layer's count is exact to a tick of the counter, and the loop over them is not counted.
    #expect(abs(sum - total) < total / 100)
    let cycles = try #require(report["cycles"] as? [String: Int])
    let likely = layers.compactMap { ($0["cycles"] as? [String: Int])?["mid"] }
    #expect(likely.count == layers.count)
    #expect(try likely.reduce(0, +) == #require(cycles["mid"]))
    let time = try #require(report["time"] as? [String: Any])
    #expect(time["megahertz"] as? Int == 120)
    #expect(try #require(time["flashMilliseconds"] as? Double) > 0)
    let bare = try folder.run("bench", "model.mnq", "--target", "rv32imc")
    #expect(bare.status == 0 && bare.output.contains("cycles: not estimated; "))
    #expect(
      try folder.run("bench", "model.mnq", "--target", "cortex-m4").output.contains(
        " ms at 120 MHz"))
  }

  @Test(
    .enabled(
      if: Program.crossToolsExist,
      "\(Program.crossToolsAbsence)"))
  func writesCountsBesideLayers() throws {
    let folder = try TemporaryFolder(like: Prepared.quantized)
    let emission = try folder.run("emit-c", "--out", "firmware", "--measure")
    #expect(emission.status == 0)
    let bytes = try #require(folder.read("firmware/net.json"))
    let summary = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
    let layers = try #require(summary?["layers"] as? [[String: Any]])
    let counts = layers.compactMap { $0["instructions"] as? Int }
    let cycles = layers.compactMap { $0["cycles"] as? Int }
    #expect(counts.count == layers.count && cycles.count == layers.count)
    #expect(counts.allSatisfy { $0 > 0 })
    #expect(zip(counts, cycles).allSatisfy { $0 <= $1 && $1 < 3 * $0 })
    let table = try #require(folder.read("firmware/include/net_layers.h"))
    let measured = " \(counts[0]) instructions, about \(cycles[0]) cycles, flash "
    #expect(String(decoding: table, as: UTF8.self).contains(measured))
    let refusal = try folder.run("emit-c", "--out", "other", "--measure", "--target", "rpi-pico")
    #expect(refusal.status == 1)
    #expect(folder.read("other/Makefile") == nil)
  }
}
