import Foundation
import TestSupport
import Testing

/// `mnquant train --sweep`: the trainings of a list, by one process or several.
@Suite struct SweepTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.writeTinyData(training: 60, test: 10)
    try folder.write(
      Array("# rates\r\n--rate 0.1\r\n\r\n--rate '0.02' --smoothing 0\r\n--rate=0.3".utf8),
      to: "runs.txt")
  }

  private static let command = [
    "train", "--architecture", "mobilenet-v1-small,width=0.25", "--data", "data", "--batch", "20",
    "--validation", "10", "--epochs", "2", "--sweep", "runs.txt", "--out", "sweep",
  ]

  private func sweep(_ more: String...) throws -> Program.Outcome {
    try Tool.run(Self.command + more, in: folder.url)
  }

  private static let files = (1...3).flatMap { run in
    ["csv", "html", "json", "safetensors"].map { "sweep/00\(run)/model.\($0)" }
  }

  @Test func comparesItsRuns() throws {
    let first = try sweep("--json")
    try #require(first.status == 0, "\(first.errors)")
    let report = try first.json()
    let runs = try #require(report["runs"] as? [[String: Any]])
    #expect(Set(runs.compactMap { $0["run"] as? Int }) == [1, 2, 3])
    let accuracies = runs.compactMap { $0["validationAccuracy"] as? Double }
    #expect(accuracies.count == 3 && accuracies == accuracies.sorted(by: >))
    #expect(runs.contains { $0["options"] as? [String] == ["--rate", "0.02", "--smoothing", "0"] })
    for file in Self.files { #expect(folder.read(file) != nil, "\(file)") }
    #expect(folder.read("sweep/001/checkpoint.safetensors") == nil)
    let page = String(decoding: try #require(folder.read("sweep/sweep.html")), as: UTF8.self)
    #expect(page.contains("run 2: --rate 0.02 --smoothing 0"))
    let table = String(decoding: try #require(folder.read("sweep/sweep.csv")), as: UTF8.self)
    #expect(table.split(separator: "\n").count == 4)
    let again = try sweep()
    #expect(again.status == 0 && !again.errors.contains("epoch"), "\(again.errors)")
    #expect(again.output.contains("3 runs compared"), "\(again.output)")
    #expect(folder.read("sweep/sweep.csv") == Data(table.utf8))
  }

  /// Alone, by number; together, beside one another; and after a kill: the same bytes.
  @Test func sharesItsRuns() throws {
    let alone = try Tool.run(
      Self.command.dropLast() + ["alone", "--run", "2"], in: folder.url)
    try #require(alone.status == 0, "\(alone.errors)")
    #expect(alone.output.contains("1 run compared, 2 not done"), "\(alone.output)")
    let words =
      [Tool.executable.path] + Self.command + ["--threads", "1", "--checkpoint-every", "0"]
    let killed = try Program.start(words, in: folder.url)
    while folder.read("sweep/001/checkpoint.safetensors") == nil, killed.isRunning { usleep(1000) }
    kill(killed.processIdentifier, SIGKILL)
    killed.waitUntilExit()
    let processes = try (0..<2).map { _ in try Program.start(words, in: folder.url) }
    for process in processes {
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
    let last = try sweep()
    #expect(last.status == 0 && last.output.contains("3 runs compared"), "\(last.output)")
    for file in ["model.safetensors", "model.csv", "run.json"] {
      #expect(folder.read("sweep/002/\(file)") == folder.read("alone/002/\(file)"), "\(file)")
    }
  }

  @Test(arguments: [
    ("--rate 0.1 --out x", "runs.txt: line 1: --out is no option of one run"),
    ("\n--rate 'x", "runs.txt: line 2: a quote has no end"),
    ("--rate=-1", "runs.txt: line 1: --rate is -1.0"),
    ("--rute 1", "runs.txt: line 1: Unknown option '--rute'"),
    ("# none", "runs.txt: lists no run"), ("", "runs.txt: lists no run"),
    ("--validation 0", "line 1: runs are compared by images held out"),
    ("\u{0}", "line 1"),
  ])
  func refusesListsThatAreNone(_ text: String, _ words: String) throws {
    try folder.write(Array(text.utf8), to: "runs.txt")
    let outcome = try sweep()
    #expect(outcome.status == 1 && outcome.errors.contains(words), "\(outcome.errors)")
    #expect(folder.read("sweep/sweep.csv") == nil)
  }

  @Test func saysWhatIsInTheWay() throws {
    let number = try sweep("--run", "4")
    #expect(number.status == 1 && number.errors.contains("has no run 4; expected 1 to 3"))
    try folder.write(Array("--rate 0.1".utf8), to: "runs.txt")
    let first = try sweep()
    try #require(first.status == 0, "\(first.errors)")
    try folder.write(Array("--rate 0.2".utf8), to: "runs.txt")
    let other = try sweep()
    #expect(other.status == 1 && other.errors.contains("sweep/001: holds a run of"))
    try folder.write(Array("{}".utf8), to: "sweep/001/run.json")
    let damaged = try sweep()
    #expect(damaged.status == 1 && damaged.errors.contains("run.json: is not what a run"))
    let usage = try sweep("--checkpoint", "kept.safetensors")
    #expect(usage.status == 64, "\(usage.errors)")
    let alone = try Tool.run(Self.command.dropLast(4) + ["--run", "1"], in: folder.url)
    #expect(alone.status == 64, "\(alone.errors)")
  }
}
