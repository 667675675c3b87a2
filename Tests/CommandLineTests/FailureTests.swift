import Foundation
import TestSupport
import Testing

/// What the machine refuses, and files that are damaged: a sentence of the tool's own, and a status.
@Suite struct FailureTests {
  private let folder: TemporaryFolder
  private static let model = "shapes-mobilenet-v3-small"

  init() throws {
    folder = try TemporaryFolder()
    try folder.writeTinyData(training: 4, test: 2)
    _ = try folder.run("calibrate", "--data", "data", "--model", Self.model)
    let outcome = try folder.run("quantize", "--recipe", "minmax", "--out", "model.mnq")
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  /// Words of Foundation, of the standard library and of Swift's runtime, which say nothing to users.
  private static let others = [
    "The operation couldn", "The file “", "The file \"", "couldn’t be", "couldn't be", "NSCocoa",
    "NSPOSIX", "Error Domain", "DecodingError", "EncodingError", "CodingKeys", "debugDescription",
    "correct format", "The data ", "The given data", "Swift.", "Optional(", "Fatal error",
    "Foundation", "domain error", "error 1)",
  ]

  /// Runs the tool through `sh -c SCRIPT`, where `"$@"` is the command; it must fail with `words`.
  private func expectFailure(
    _ script: String, _ arguments: [String], status: Int32 = 1, _ words: String,
    launcher: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = folder.names(in: ".")
    let outcome = try Tool.run(
      arguments, in: folder.url, through: launcher + ["/bin/sh", "-c", script, "sh"])
    let label = "\(arguments) \(outcome.errors)"
    #expect(outcome.status == status, "\(label)", sourceLocation: sourceLocation)
    #expect(outcome.errors.contains(words), "\(label)", sourceLocation: sourceLocation)
    for other in Self.others {
      #expect(!outcome.errors.contains(other), "\(other): \(label)", sourceLocation: sourceLocation)
    }
    #expect(folder.names(in: ".") == before, sourceLocation: sourceLocation)
  }

  private static let talkative = [
    ["models"], ["models", "--json"], ["targets"], ["--help"], ["--version"], ["help", "emit-c"],
    ["summary", "model.mnq"], ["summary", "model.mnq", "--json"], ["operators"],
    ["--generate-completion-script", "bash"],
    ["calibrate", "--data", "data", "--samples", "2", "--model", model, "--out", "model2.json"],
    ["emit-c", "--quantized", "model.mnq", "--self-test", "1", "--out", "fw"],
    ["bench", "model.mnq", "--seconds", "0.01"],
  ]

  /// Nobody gets the results: that is no success.
  @Test func resultsThatCannotBeWritten() throws {
    let start = "standard output cannot be written: "
    for arguments in Self.talkative {
      // What these write is not what is looked at.
      if arguments.contains("model2.json") || arguments.contains("fw") {
        _ = try Tool.run(arguments, in: folder.url)
      }
      try expectFailure(
        "exec \"$@\" >/dev/full", arguments, start + "there is no space left on the disk")
      try expectFailure("exec \"$@\" >&-", arguments, start + "it is closed")
      try expectFailure(
        "{ sleep 0.1; \"$@\"; echo \"status $?\" >&2; } | :", arguments, status: 0,
        start + "nobody reads it any more\nstatus 1")
    }
  }

  @Test func usageErrorsNeedNoOutput() throws {
    try expectFailure("exec \"$@\" >&- <&-", ["emit-c"], status: 64, "Usage: mnquant emit-c")
    #expect(
      try Tool.run(
        ["models"], in: folder.url, through: ["/bin/sh", "-c", "exec \"$@\" 2>&- <&-", "sh"]
      ).status == 0)
  }

  @Test func limitsOfTheMachine() throws {
    let quantize = ["quantize", "--recipe", "minmax", "--out", "new.mnq"]
    try expectFailure(
      "ulimit -f 8; exec \"$@\"", quantize,
      "new.mnq: cannot be written: it would be larger than files may be here (ulimit -f)")
    try expectFailure(
      "mkdir gone; cd gone; rmdir ../gone; exec \"$@\"", ["summary", Self.model],
      "the current folder is gone")
    try expectFailure("ulimit -n 5; exec \"$@\"", quantize, "too many files are open (ulimit -n)")
  }

  @Test(
    .enabled(if: Nobody.canRun, "only root can limit another user"), arguments: [0, 1, 2, 3])
  func tooFewThreads(_ count: Int) throws {
    try expectFailure(
      "exec \"$@\"", ["bench", Self.model, "--seconds", "0.01"],
      "no thread can be started",
      launcher: Nobody.launcher + ["/usr/bin/prlimit", "--nproc=\(count)"])
  }

  @Test(.enabled(if: Nobody.canRun, "only root can mount")) func fullDisk() throws {
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "small"), withIntermediateDirectories: false)
    let mount = "mount -t tmpfs -o size=64k tmpfs small && exec \"$@\""
    for arguments in [
      ["quantize", "--recipe", "minmax", "--out", "small/new.mnq"],
      ["emit-c", "--quantized", "model.mnq", "--out", "small/fw"],
      ["export", "model.mnq", "--format", "onnx", "--out", "small/x.onnx"],
    ] {
      try expectFailure(
        mount, arguments, "cannot be written: there is no space left on the disk",
        launcher: ["/usr/bin/unshare", "-m"])
    }
  }

  /// Nobody ever writes into it: a command that waits would wait for ever.
  @Test func pipesAreNoInputs() throws {
    #expect(mkfifo(folder.url.appending(path: "pipe").path, 0o600) == 0)
    for name in ["pipe.npy", "pipe.jpg", "pipe.onnx"] {
      try FileManager.default.linkItem(
        atPath: folder.url.appending(path: "pipe").path,
        toPath: folder.url.appending(path: name).path)
    }
    for arguments in [
      ["summary", "pipe"], ["summary", "pipe.onnx"], ["run", "model.mnq", "--input", "pipe.npy"],
      ["run", "model.mnq", "--input", "pipe.jpg"], ["calibrate", "--data", "pipe.npy"],
      ["calibrate", "--data", "data", "--classes", "pipe"], ["quantize", "--calibration", "pipe"],
      ["emit-c", "--quantized", "pipe", "--out", "fw"], ["calibrate", "merge", "pipe"],
      ["export", "pipe", "--format", "onnx", "--out", "x.onnx"],
    ] {
      try expectFailure("exec timeout 20 \"$@\"", arguments, "cannot be read: it is a pipe")
    }
  }

  /// Files of JSON, cut and changed in every way that a decoder tells apart.
  @Test func damagedFilesAreToldInOwnWords() throws {
    let calibration = String(
      decoding: try #require(folder.read(".mnquant/calibration.json")), as: UTF8.self)
    let state = String(
      decoding: try #require(folder.read(".mnquant/workspace.json")), as: UTF8.self)
    func broken(_ text: String) -> [String] {
      [
        "", "{", "[]", "null", "{}", "\"x\"", "\u{FEFF}", String(text.dropLast(20)), text + "}",
        text.replacing("\"", with: "'"),
        text.replacing(":", with: ":null,\"x\":", maxReplacements: 1),
        text.replacing(/: ?"[^"]*"/, with: ":7"), text.replacing(/: ?[0-9]+/, with: ":\"x\""),
        text.replacing(/: ?[0-9]+/, with: ":1e400"), text.replacing(/: ?[0-9]+/, with: ":-1.5"),
        text.replacing(/: ?[0-9]+/, with: ":99999999999999999999"),
      ]
    }
    for text in broken(calibration) {
      try folder.write(Array(text.utf8), to: "broken.json")
      try expectFailure(
        "exec \"$@\"", ["quantize", "--calibration", "broken.json"], "broken.json: ")
    }
    for text in broken(state) where text != "{}" && text != state {
      try folder.write(Array(text.utf8), to: "ws/workspace.json")
      let outcome = try folder.run("emit-c", "--workspace", "ws", "--out", "fw")
      #expect(outcome.status == 1, "\(text): \(outcome.errors)")
      for other in Self.others { #expect(!outcome.errors.contains(other), "\(outcome.errors)") }
    }
    let model = Array(try #require(folder.read("model.mnq")))
    let length = model[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = String(decoding: model[8..<8 + length], as: UTF8.self)
    for text in broken(header) + [header.replacing("\\\"layers\\\":[", with: "\\\"layers\\\":[7,")]
    {
      let bytes = Array(text.utf8)
      let count = (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) }
      try folder.write(count + bytes + model[(8 + length)...], to: "broken.mnq")
      try expectFailure("exec \"$@\"", ["summary", "broken.mnq"], "broken.mnq: ")
    }
    for text in broken("{\"preprocessing\": {\"mean\": [0.5], \"std\": [0.5], \"resize\": 8}}") {
      try folder.write(Array(text.utf8), to: "net.json")
      try folder.write(model[..<8] + [0x7B], to: "net.safetensors")
      let outcome = try folder.run("summary", "net.safetensors")
      #expect(outcome.status == 1)
      for other in Self.others { #expect(!outcome.errors.contains(other), "\(outcome.errors)") }
    }
  }
}
