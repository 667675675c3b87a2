import Foundation
import TestSupport
import Testing

/// Control-C, `kill` and a terminal that closes, while the tool itself works.
@Suite struct StoppedWorkTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.writeTinyData(training: 40, test: 20)
    try perform(["calibrate", "--data", "data", "--model", "shapes-mobilenet-v3-small"])
    try perform(["quantize", "--recipe", "minmax", "--out", "model.mnq"])
  }

  /// The result's name is the last argument.
  private static let commands = [
    ["calibrate", "--data", "data", "--samples", "40", "--out", "new.json"],
    ["quantize", "--out", "new.mnq"],
    ["report", "--quantized", "model.mnq", "--data", "data", "--out", "new.html"],
    ["emit-c", "--quantized", "model.mnq", "--self-test", "40", "--out", "fw"],
  ]

  /// The work is done once to know how long it takes, then stopped at several moments; after each,
  /// the result is as it was, or there as a whole.
  @Test(arguments: commands) func nothingIsHalfWritten(_ arguments: [String]) throws {
    let result = arguments.last ?? ""
    let clock = ContinuousClock()
    let whole = try clock.measure { try perform(arguments) }
    let finished = try content(of: result)
    let files = try allFiles()
    var stopped = 0
    for (index, signal) in [SIGINT, SIGTERM, SIGHUP].enumerated() {
      let isNew = index % 2 == 0
      if isNew { try FileManager.default.removeItem(at: folder.url.appending(path: result)) }
      let process = try Program.start([Tool.executable.path] + arguments, in: folder.url)
      Thread.sleep(forTimeInterval: whole / .seconds(1) * Double(index + 1) / 4)
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      let label = "\(arguments), signal \(signal), moment \(index)"
      if process.terminationStatus == 0 {
        #expect(try content(of: result) == finished, "\(label)")
      } else {
        stopped += 1
        #expect(process.terminationReason == .exit, "\(label)")
        #expect(process.terminationStatus == 128 + signal, "\(label)")
        #expect(try content(of: result) == (isNew ? [:] : finished), "\(label)")
      }
      #expect(try allFiles().allSatisfy { files.contains($0) }, "\(label)")
      try perform(arguments)
      #expect(try content(of: result) == finished, "\(label)")
    }
    #expect(stopped > 0, "\(arguments) was never stopped")
  }

  private func perform(_ arguments: [String]) throws {
    let outcome = try Tool.run(arguments, in: folder.url)
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
  }

  /// What lies at `path`: files by their names, empty where nothing does.
  private func content(of path: String) throws -> [String: Data] {
    let names = folder.names(in: path).union([""])
    return Dictionary(
      uniqueKeysWithValues: names.compactMap { name in
        folder.read(name.isEmpty ? path : "\(path)/\(name)").map { (name, $0) }
      })
  }

  private func allFiles() throws -> Set<String> {
    Set(FileManager.default.enumerator(atPath: folder.url.path)?.allObjects as? [String] ?? [])
  }
}
