import Files
import Foundation
import TestSupport
import Testing

/// Every command that writes where the user says refuses the same places.
@Suite struct OutputFileTests {
  private let folder: TemporaryFolder
  private static let model = "shapes-mobilenet-v3-small"

  init() throws {
    folder = try TemporaryFolder()
    try folder.writeTinyData()
    _ = try folder.run("calibrate", "--data", "data", "--model", Self.model)
    let outcome = try folder.run("quantize", "--recipe", "minmax", "--out", "model.mnq")
    try #require(outcome.status == 0, "\(outcome.errors)")
    let codes = [Int8](repeating: 1, count: 3072)
    try folder.write(NumPyArray(codes, shape: [1, 32, 32, 3]).file(), to: "x.npy")
    for shard in 1...2 {
      _ = try folder.run(
        "calibrate", "--data", "data", "--samples", "4", "--shard", "\(shard)/2", "--out",
        "\(shard).json")
    }
  }

  /// A command, what it reads, and its option for the file that it writes.
  private struct Command {
    let arguments: [String]
    let inputs: [String]
    var option = "--out"
  }

  private static let commands = [
    Command(
      arguments: ["calibrate", "--data", "data", "--samples", "2", "--classes", "list"],
      inputs: ["list"]),
    Command(arguments: ["calibrate", "merge", "1.json", "2.json"], inputs: ["1.json", "2.json"]),
    Command(
      arguments: ["quantize", "--calibration", ".mnquant/calibration.json", "--recipe", "minmax"],
      inputs: [".mnquant/calibration.json"]),
    Command(arguments: ["export", "model.mnq", "--format", "onnx"], inputs: ["model.mnq"]),
    Command(
      arguments: ["run", "model.mnq", "--input", "x.npy"], inputs: ["model.mnq", "x.npy"],
      option: "--output"),
    Command(
      arguments: [
        "report", "--quantized", "model.mnq", "--classes", "list", "--limit", "2", "--ladder", "0",
        "--own-errors", "1",
      ], inputs: ["model.mnq", "list"]),
  ]

  /// Inputs by any name are told, and so is everything that is no regular file.
  @Test func noCommandWritesOverWhatItMustNot() throws {
    try folder.write(Array("x\n".utf8), to: "list")
    for command in Self.commands {
      for input in command.inputs {
        for link in ["hard", "symbolic"] {
          let place = try path("place")
          let source = folder.url.appending(path: input).path
          if link == "hard" {
            try FileManager.default.linkItem(atPath: source, toPath: place)
          } else {
            try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: source)
          }
          try expectRefusal(command, 64, "which the command reads", about: source)
        }
      }
      #expect(mkfifo(try path("place"), 0o600) == 0)
      try expectRefusal(command, 1, "place: cannot be written: it is a pipe; name a regular file")
      try FileManager.default.createDirectory(
        atPath: try path("place"), withIntermediateDirectories: false)
      try expectRefusal(command, 1, "place: cannot be written: it is a folder; name a file in it")
      try FileManager.default.createSymbolicLink(
        atPath: try path("place"), withDestinationPath: "nowhere/else/../../place")
      try expectRefusal(command, 1, "place: cannot be written: ")
    }
  }

  /// What a command reads without being told its name is known when it comes to writing.
  @Test func noCommandWritesOverWhatItFinds() throws {
    for input in [".mnquant/calibration.json", "data/test_batch.bin"] {
      try FileManager.default.linkItem(
        atPath: folder.url.appending(path: input).path, toPath: try path("place"))
      let report = Self.commands[5]
      let command = Command(
        arguments: report.arguments.filter { !["--classes", "list"].contains($0) },
        inputs: [])
      try expectRefusal(
        command, 1, "place: cannot be written: it is a file that this command reads; name another",
        about: folder.url.appending(path: input).path)
    }
  }

  /// `place` is free.
  private func path(_ name: String) throws -> String {
    let path = folder.url.appending(path: name).path
    unlink(path)
    rmdir(path)
    return path
  }

  private func expectRefusal(
    _ command: Command, _ status: Int32, _ words: String, about input: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try input.map { try Data(contentsOf: URL(filePath: $0)) }
    let names = folder.names(in: ".")
    let outcome = try Tool.run(command.arguments + [command.option, "place"], in: folder.url)
    #expect(
      outcome.status == status, "\(command) \(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.errors.contains(words), "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(
      try input.map { try Data(contentsOf: URL(filePath: $0)) } == before,
      sourceLocation: sourceLocation)
    #expect(folder.names(in: ".") == names, sourceLocation: sourceLocation)
  }

  /// A user's own files are worth more than firmware, and kernels of an earlier one are none.
  @Test func firmwareReplacesItsOwnFilesOnly() throws {
    let emit = ["emit-c", "--quantized", "model.mnq", "--self-test", "1", "--out", "."]
    for name in ["Makefile", "README.md", "main.c"] {
      try folder.write(Array("mine".utf8), to: name)
    }
    let before = folder.names(in: ".")
    let refusal = try Tool.run(emit, in: folder.url)
    #expect(refusal.status == 1)
    #expect(refusal.errors.contains("Makefile, README.md, main.c would be replaced"))
    #expect(folder.names(in: ".") == before)
    for name in ["Makefile", "README.md", "main.c"] {
      unlink(folder.url.appending(path: name).path)
    }
    #expect(try Tool.run(emit, in: folder.url).status == 0)
    let dsp = folder.names(in: "runtime")
    // Another core has other kernels, another prefix other names.
    let other = try Tool.run(
      emit + ["--target", "cortex-m0plus", "--prefix", "eyes"], in: folder.url)
    #expect(other.status == 0, "\(other.errors)")
    #expect(folder.names(in: "runtime").allSatisfy { !$0.contains("dsp") })
    #expect(dsp.contains { $0.contains("dsp") })
    #expect(folder.read("net.c") == nil && folder.read("eyes.c") != nil)
    #expect(folder.read("model.mnq") != nil && folder.read("x.npy") != nil)
  }

  /// Each layout takes the place of any other: of its files none stays, and nobody else's goes.
  @Test func aLayoutReplacesTheOneBefore() throws {
    let emit = ["emit-c", "--quantized", "model.mnq", "--self-test", "1", "--out", "fw"]
    let layouts = [
      "plain", "platformio", "arduino", "esp-idf", "zephyr", "cmsis-pack", "pico-sdk", "stm32cube",
      "swift",
    ]
    let own = ["notes.txt", "src/mine.c", "examples/mine/main.c", "include/mine.h"]
    for name in own { try folder.write(Array("mine\n".utf8), to: "fw/\(name)") }
    for layout in layouts + layouts.reversed() {
      let outcome = try Tool.run(emit + ["--layout", layout], in: folder.url)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let list = try #require(folder.read("fw/.mnquant-files"))
      let listed = String(decoding: list, as: UTF8.self).split(separator: "\n").compactMap { line in
        line.firstRange(of: "  ").map { String(line[$0.upperBound...]) }
      }
      let url = folder.url.appending(path: "fw")
      let there = try FileManager.default.subpathsOfDirectory(atPath: url.path).filter { path in
        var isFolder: ObjCBool = false
        let place = url.appending(path: path).path
        return FileManager.default.fileExists(atPath: place, isDirectory: &isFolder)
          && !isFolder.boolValue
      }
      #expect(Set(there) == Set(listed + own + [".mnquant-files"]), "\(layout)")
      for name in own { #expect(folder.read("fw/\(name)") == Data("mine\n".utf8), "\(name)") }
    }
    // What somebody changed stops the next layout.
    try folder.write(Array("mine\n".utf8), to: "fw/net.c")
    let before = folder.names(in: "fw")
    let outcome = try Tool.run(emit + ["--layout", "zephyr"], in: folder.url)
    #expect(outcome.status == 1 && outcome.errors.contains("net.c"), "\(outcome.errors)")
    #expect(folder.names(in: "fw") == before)
  }

  /// As somebody who may not write into one of the folders, in whose middle it is noticed.
  @Test(.enabled(if: Nobody.canRun, "only root can run the tool as somebody else"))
  func aFailedEmissionChangesNothing() throws {
    let emit = ["emit-c", "--quantized", "model.mnq", "--self-test", "1", "--out", "fw"]
    #expect(try Tool.run(emit, in: folder.url).status == 0)
    try Nobody.own(folder.url)
    func content() throws -> [String: Data] {
      let names = try FileManager.default.subpathsOfDirectory(
        atPath: folder.url.appending(path: "fw").path)
      return Dictionary(
        uniqueKeysWithValues: names.compactMap { name in
          folder.read("fw/\(name)").map { (name, $0) }
        })
    }
    let before = try content()
    chmod(folder.url.appending(path: "fw/runtime").path, 0o555)
    let outcome = try Nobody.run(emit + ["--target", "cortex-m0plus"], in: folder.url)
    chmod(folder.url.appending(path: "fw/runtime").path, 0o755)
    #expect(outcome.status == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains("cannot be written: there is no permission for it"))
    #expect(try content() == before)
    let again = try Nobody.run(emit + ["--target", "cortex-m0plus"], in: folder.url)
    #expect(again.status == 0, "\(again.errors)")
  }
}
