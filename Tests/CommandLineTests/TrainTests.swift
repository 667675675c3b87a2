import Foundation
import TestSupport
import Testing

/// `mnquant train`, from a folder of pictures to weights that the other commands take.
@Suite struct TrainTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.writeTinyData(training: 60, test: 10)
  }

  private static let command = [
    "train", "--architecture", "mobilenet-v1-small,width=0.25", "--data", "data", "--batch", "20",
    "--validation", "10", "--augment", "flip,shift=2,rotate=10,zoom=0.2,color=0.1,cutout=4",
  ]

  private func train(_ more: String...) throws -> Program.Outcome {
    try Tool.run(Self.command + more, in: folder.url)
  }

  @Test func leadsToFirmware() throws {
    let outcome = try train("--epochs", "2", "--out", "model.safetensors", "--json")
    try #require(outcome.status == 0, "\(outcome.errors)")
    let report = try outcome.json()
    #expect(report["architecture"] as? String == "mobilenet-v1-small,width=0.25,classes=10")
    #expect(report["testImages"] as? Int == 10)
    #expect((report["epochs"] as? [Any])?.count == 2)
    let page = String(decoding: try #require(folder.read("model.html")), as: UTF8.self)
    #expect(page.contains("<polyline") && page.contains("mnquant train --architecture"))
    let table = try #require(folder.read("model.csv"))
    #expect(String(decoding: table, as: UTF8.self).split(separator: "\n").count == 3)
    for arguments in [
      ["calibrate", "--data", "data", "--model", "model.safetensors"],
      ["emit-c", "--out", "firmware"],
    ] {
      let next = try Tool.run(arguments, in: folder.url)
      #expect(next.status == 0, "\(arguments): \(next.errors)")
    }
    let net = try #require(folder.read("firmware/net.json"))
    #expect(net.count > 100)
  }

  /// Processors with AVX-512 learn what those with AVX2 learn, and two threads what one does.
  @Test(arguments: [
    "mobilenet-v1-small,width=0.25", "mobilenet-v2,width=0.2,small-images",
    "mobilenet-v3-small,width=0.25,small-images",
  ])
  func givesTheSameBytesOnEveryProcessor(_ network: String) throws {
    let weights = try ["avx2", "any"].map { processor in
      let threads = processor == "any" ? "2" : "1"
      let outcome = try Tool.run(
        [
          "train", "--architecture", network, "--data", "data", "--batch", "20", "--epochs", "2",
          "--threads", threads, "--out", "\(processor).safetensors",
        ], in: folder.url, through: ["/usr/bin/env", "MNQUANT_CPU=\(processor)"])
      try #require(outcome.status == 0, "\(outcome.errors)")
      return try #require(folder.read("\(processor).safetensors"))
    }
    #expect(weights[0] == weights[1])
  }

  /// Killed after its first epoch, it goes on to the same bytes.
  @Test func goesOnWhereItWasKilled() throws {
    let whole = try train("--epochs", "4", "--out", "whole.safetensors")
    try #require(whole.status == 0, "\(whole.errors)")
    let rest = ["--epochs", "4", "--out", "part.safetensors", "--checkpoint", "kept.safetensors"]
    let process = try Program.start(
      [Tool.executable.path] + Self.command + rest + ["--threads", "1"], in: folder.url)
    while folder.read("kept.safetensors") == nil, process.isRunning { usleep(1000) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let resumed = try Tool.run(Self.command + rest, in: folder.url)
    try #require(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("kept.safetensors: goes on after"), "\(resumed.errors)")
    #expect(folder.read("whole.safetensors") == folder.read("part.safetensors"))
    #expect(folder.read("whole.csv") == folder.read("part.csv"))
  }

  /// Nothing of a checkpoint is lost where the next one finds no room, within an epoch.
  @Test func keepsItsCheckpointOnAFullDisk() throws {
    let rest = [
      "--epochs", "2", "--threads", "1", "--checkpoint-every", "0", "--checkpoint",
      "kept.safetensors",
      "--out", "part.safetensors",
    ]
    let process = try Program.start([Tool.executable.path] + Self.command + rest, in: folder.url)
    while folder.read("kept.safetensors") == nil, process.isRunning { usleep(1000) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let kept = folder.read("kept.safetensors")
    // A limit on the size of files, in blocks of 512 bytes, fails a write as a full disk does.
    let full = try Tool.run(
      Self.command + rest, in: folder.url,
      through: ["/bin/sh", "-c", "ulimit -f 64; exec \"$@\"", "sh"])
    #expect(
      full.status == 1 && full.errors.contains("kept.safetensors: cannot be written"),
      "\(full.errors)")
    #expect(folder.read("kept.safetensors") == kept)
    let resumed = try Tool.run(Self.command + rest, in: folder.url)
    try #require(resumed.status == 0, "\(resumed.errors)")
    let whole = try train("--epochs", "2", "--out", "whole.safetensors")
    try #require(whole.status == 0, "\(whole.errors)")
    #expect(folder.read("whole.safetensors") == folder.read("part.safetensors"))
  }

  /// A folder of the same name with one label changed is other data.
  @Test func checkpointsOfOtherDataAreRefused() throws {
    let rest = ["--epochs", "1", "--out", "one.safetensors", "--checkpoint", "kept.safetensors"]
    let first = try Tool.run(Self.command + rest, in: folder.url)
    try #require(first.status == 0, "\(first.errors)")
    var records = [UInt8](try #require(folder.read("data/data_batch_1.bin")))
    records[0] = (records[0] + 1) % 10
    try folder.write(records, to: "data/data_batch_1.bin")
    let second = try Tool.run(Self.command + rest, in: folder.url)
    #expect(
      second.status == 1 && second.errors.contains("belongs to another training"),
      "\(second.errors)")
  }

  @Test func takesWeightsToOtherClasses() throws {
    let first = try train("--epochs", "1", "--out", "ten.safetensors")
    try #require(first.status == 0, "\(first.errors)")
    try folder.writePhotos(classes: ["blue", "gray"], count: 4)
    let outcome = try folder.run(
      "train", "--from", "ten.safetensors", "--data", "photos", "--epochs", "1", "--batch", "4",
      "--out", "two.safetensors")
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("mobilenet-v1-small,width=0.25,classes=2"))
    let labels = try #require(folder.read("two.json"))
    #expect(String(decoding: labels, as: UTF8.self).contains("\"blue\""))
  }

  /// A network that has no name but its own file: first its new classifier, then all of it.
  @Test func takesWholeNetworksToOtherClasses() throws {
    try folder.writePhotos(classes: ["blue", "gray"], count: 12)
    let command = [
      "train", "--from", "cifar10-mobilenet-v3-small-050", "--data", "photos", "--epochs", "2",
      "--resize", "32", "--crop", "32",
    ]
    let outcome = try Tool.run(
      command + ["--patience", "1", "--out", "two.onnx", "--json"], in: folder.url)
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("the classifier alone gets"), "\(outcome.errors)")
    #expect(try outcome.json()["testImages"] as? Int == 24)
    for name in ["two.csv", "two.html"] { #expect(folder.read(name) != nil, "\(name)") }
    #expect(folder.read("two.json") == nil)
    let summary = try folder.run("summary", "two.onnx")
    #expect(summary.status == 0 && summary.output.contains("2"), "\(summary.errors)")
    for arguments in [
      ["calibrate", "--data", "photos", "--model", "two.onnx"], ["emit-c", "--out", "firmware"],
    ] {
      let next = try Tool.run(arguments, in: folder.url)
      #expect(next.status == 0, "\(arguments): \(next.errors)")
    }
    let nameless = try Tool.run(command + ["--out", "two.safetensors"], in: folder.url)
    #expect(nameless.status == 1 && nameless.errors.contains("write a .onnx file"))
    #expect(folder.read("two.safetensors") == nil)
  }

  /// What lies beside the result is no place for inputs.
  @Test func keepsInputsBesideTheResult() throws {
    try folder.write(Array("blue\n".utf8), to: "net.csv")
    let outcome = try train("--epochs", "1", "--out", "net.safetensors", "--classes", "net.csv")
    #expect(outcome.status == 64 && outcome.errors.contains("net.csv"), "\(outcome.errors)")
  }

  @Test(arguments: [
    (["--rate", "1e6", "--schedule", "constant", "--epochs", "30"], "lower --rate"),
    (["--batch", "64", "--epochs", "1"], "lower --batch"),
    (["--architecture", "mobilenet-v9", "--epochs", "1"], "'mobilenet-v9' is no architecture"),
    (
      ["--architecture", "mobilenet-v1-small,classes=7", "--epochs", "1"],
      "has 10 classes and the network 7"
    ),
  ])
  func saysWhatIsWrong(_ more: [String], _ words: String) throws {
    var command = Self.command
    if more.contains("--architecture") { command.removeSubrange(1...2) }
    let outcome = try Tool.run(command + more + ["--out", "new.safetensors"], in: folder.url)
    #expect(outcome.status == 1 && outcome.errors.contains(words), "\(outcome.errors)")
    #expect(folder.read("new.safetensors") == nil)
  }

  @Test(arguments: [
    ["--epochs", "0"], ["--rate", "-1"], ["--augment", "flop"], ["--dropout", "1"],
    ["--from", "x.onnx"], ["--checkpoint", "model.safetensors"], ["--out", "net.tflite"],
    ["--patience", "0"],
  ])
  func refusesWhatMakesNoSense(_ more: [String]) throws {
    let outcome = try Tool.run(Self.command + more, in: folder.url)
    #expect(outcome.status == 64, "\(more): \(outcome.errors)")
  }
}
