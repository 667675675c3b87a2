import Foundation
import TestSupport
import Testing

/// Control-C, `kill` and a terminal that closes, while firmware is compiled.
@Suite struct StoppedTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.writeTinyData(training: 4, test: 2)
    _ = try folder.run("calibrate", "--data", "data", "--model", "shapes-mobilenet-v3-small")
    let outcome = try folder.run("quantize", "--recipe", "minmax", "--out", "model.mnq")
    try #require(outcome.status == 0, "\(outcome.errors)")
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "tmp"), withIntermediateDirectories: false)
    // Programs that never end stand in for those that build and run firmware.
    for program in ["arm-none-eabi-gcc", "qemu-system-arm"] { try write(program, "exit 0") }
    try write(
      "make", "sleep 300 & echo $$ $! >\"$STARTED.new\"; mv \"$STARTED.new\" \"$STARTED\"; wait")
  }

  private func write(_ program: String, _ script: String) throws {
    try folder.write(Array("#!/bin/sh\n\(script)\n".utf8), to: "bin/\(program)")
    chmod(folder.url.appending(path: "bin/\(program)").path, 0o755)
  }

  private func start(_ arguments: [String], through launcher: [String] = []) throws -> Process {
    try Program.start(
      launcher + [Tool.executable.path] + arguments, in: folder.url,
      environment: [
        "PATH": "\(folder.url.appending(path: "bin").path):/usr/bin:/bin",
        "TMPDIR": folder.url.appending(path: "tmp").path,
        "STARTED": folder.url.appending(path: "started").path,
      ])
  }

  /// The processes of the make that was started, once it is.
  private func children() throws -> [pid_t] {
    for _ in 0..<600 {
      if let text = folder.read("started") {
        return String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace)
          .compactMap { pid_t($0) }
      }
      usleep(50_000)
    }
    Issue.record("make was not started")
    return []
  }

  private static let commands = [
    ["bench", "model.mnq", "--target", "cortex-m4"],
    ["emit-c", "--quantized", "model.mnq", "--self-test", "1", "--measure", "--out", "fw"],
  ]

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP], commands)
  func nothingIsLeft(_ signal: Int32, _ arguments: [String]) throws {
    let process = try start(arguments)
    let children = try children()
    #expect(children.count == 2 && children.allSatisfy { kill($0, 0) == 0 })
    #expect(!folder.names(in: "tmp").isEmpty)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 128 + signal)
    #expect(folder.names(in: "tmp") == [])
    #expect(folder.read("fw/Makefile") == nil)
    #expect(children.allSatisfy(Self.isGone))
  }

  /// What cannot clean up after itself is cleaned up by the next run.
  @Test func leftoversGoWithTheNextRun() throws {
    let process = try start(Self.commands[0])
    let children = try children()
    kill(process.processIdentifier, SIGKILL)
    // First these: they hold the socket by which Foundation learns that the process is gone.
    for child in children { kill(child, SIGKILL) }
    process.waitUntilExit()
    #expect(folder.names(in: "tmp").count == 1)
    try write("make", "exit 1")
    let next = try start(Self.commands[0])
    next.waitUntilExit()
    #expect(next.terminationStatus == 1)
    #expect(folder.names(in: "tmp") == [])
  }

  /// Another run's are its own as long as it lives.
  @Test func theLivingAreLeftAlone() throws {
    let process = try start(Self.commands[0])
    _ = try children()
    let before = folder.names(in: "tmp")
    try write("make", "exit 1")
    let other = try start(Self.commands[0])
    other.waitUntilExit()
    #expect(folder.names(in: "tmp") == before && before.count == 1)
    kill(process.processIdentifier, SIGTERM)
    process.waitUntilExit()
    #expect(folder.names(in: "tmp") == [])
  }

  /// `nohup` is what asks for it.
  @Test func ignoredSignalsStayIgnored() throws {
    let process = try start(
      Self.commands[0], through: ["/bin/sh", "-c", "trap '' HUP; exec \"$@\"", "sh"])
    _ = try children()
    kill(process.processIdentifier, SIGHUP)
    usleep(300_000)
    #expect(process.isRunning)
    kill(process.processIdentifier, SIGTERM)
    process.waitUntilExit()
    #expect(process.terminationStatus == 143)
  }

  /// Dead, or dead and not yet taken note of by its new parent.
  private static func isGone(_ process: pid_t) -> Bool {
    for _ in 0..<100 {
      let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      guard let status, !status.contains(") Z ") else { return true }
      usleep(20_000)
    }
    return false
  }
}
