import Foundation
import TestSupport
import Testing

/// Commands that go on in another folder, or after one that died.
@Suite struct MovedTests {
  private let folder: TemporaryFolder
  private static let model = "shapes-mobilenet-v3-small"

  init() throws {
    folder = try TemporaryFolder()
    try folder.writeTinyData(to: "project/data", training: 8, test: 4)
    for name in ["project/sub/sub", "other"] {
      try FileManager.default.createDirectory(
        at: folder.url.appending(path: name), withIntermediateDirectories: true)
    }
  }

  private func run(_ arguments: [String], in path: String) throws -> Program.Outcome {
    let outcome = try Tool.run(arguments, in: folder.url.appending(path: path))
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  /// What the user typed is kept, and found again by where the calibration lies.
  @Test(
    arguments: [
      ("data", ".mnquant", nil, "sub/sub", "../../.mnquant"),
      ("./data", ".mnquant", nil, "../other", "../project/.mnquant"),
      ("data", "../other/ws", nil, "..", "other/ws"),
      ("data", ".mnquant", "../other/c.json", "..", "fresh"),
      ("data", ".mnquant", "sub/c.json", "sub/sub", "fresh"),
    ] as [(String, String, String?, String, String)])
  func relativeDataIsFound(
    _ row: (data: String, workspace: String, out: String?, later: String, laterWorkspace: String)
  ) throws {
    let out = row.out.map { ["--out", $0] } ?? []
    _ = try run(
      ["calibrate", "--data", row.data, "--model", Self.model, "--workspace", row.workspace] + out,
      in: "project")
    let file = row.out ?? "\(row.workspace)/calibration.json"
    let calibration = try #require(folder.read("project/\(file)"))
    #expect(String(decoding: calibration, as: UTF8.self).contains("\"path\":\"\(row.data)\""))
    let absolute = folder.url.appending(path: "project/\(file)").path
    _ = try run(
      [
        "quantize", "--recipe", "minmax", "--model", Self.model, "--calibration", absolute,
        "--workspace", row.laterWorkspace,
      ],
      in: "project/\(row.later)")
    guard row.out == nil else { return }
    // The commands of the page work where the page was made.
    _ = try run(
      [
        "report", "--workspace", row.laterWorkspace, "--out", "page.html", "--ladder", "0",
        "--own-errors", "1", "--limit", "2",
      ], in: "project/\(row.later)")
    let page = String(
      decoding: try #require(folder.read("project/\(row.later)/page.html")), as: UTF8.self)
    let data = try #require(page.firstMatch(of: #/calibrate [^\n]*--data ([^ ]+) /#)).1
    let place =
      data.hasPrefix("/")
      ? String(data) : folder.url.appending(path: "project/\(row.later)/\(data)").path
    #expect(FileManager.default.fileExists(atPath: place + "/data_batch_1.bin"))
  }

  /// A calibration found from its own folder says nothing of it: equal inputs give equal bytes.
  @Test func placesLeaveNoTrace() throws {
    for out in ["a.json", "sub/b.json", ".mnquant/calibration.json"] {
      _ = try run(
        ["calibrate", "--data", "data", "--model", Self.model, "--out", out], in: "project")
    }
    #expect(folder.read("project/a.json") == folder.read("project/sub/b.json"))
    #expect(folder.read("project/a.json") == folder.read("project/.mnquant/calibration.json"))
  }

  /// A run that died between its model and what the workspace knows of it.
  @Test func aModelThatTheWorkspaceDoesNotKnowIsMadeAnew() throws {
    _ = try run(["calibrate", "--data", "data", "--model", Self.model], in: "project")
    _ = try run(["quantize", "--recipe", "minmax"], in: "project")
    let state = try #require(folder.read("project/.mnquant/workspace.json"))
    let plain = try #require(folder.read("project/.mnquant/quantized.mnq"))
    let same = try run(["emit-c", "--out", "fw", "--self-test", "1"], in: "project")
    #expect(!same.errors.contains("quantizing"))
    _ = try run(["quantize", "--ranges", "percentile", "--recipe", "minmax"], in: "project")
    try folder.write(state, to: "project/.mnquant/workspace.json")
    let stale = try run(["emit-c", "--out", "fw", "--self-test", "1"], in: "project")
    #expect(stale.errors.contains("is not what the last `mnquant quantize` left there"))
    #expect(stale.errors.contains("quantizing"))
    // The model alone, without the file that tells of it.
    try folder.write(plain, to: "project/.mnquant/quantized.mnq")
    let again = try run(["emit-c", "--out", "fw", "--self-test", "1"], in: "project")
    #expect(again.errors.contains("quantizing"))
  }
}
