import Files
import Foundation
import TestSupport
import Testing

/// The commands on a report's page make that page again, byte for byte, as does every other command
/// its files.
@Suite struct PageCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: [String]) throws {
    let outcome = try Tool.run(arguments, in: folder.url)
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
  }

  /// A model in a folder of its own, and labelled pictures of another size in one whose name a shell
  /// would take apart.
  private func write(_ metadata: [(String, String)] = []) throws {
    var network = TinyNetwork(height: 12, width: 20, channels: 3)
    network.metadata = metadata
    try folder.write(network.file, to: "nets/tiny.onnx")
    let pixels = (0..<70 * 20 * 30 * 3).map { UInt8(truncatingIfNeeded: ($0 / 90) &* 37 &+ $0) }
    try folder.write(
      NumPyArray(pixels, shape: [70, 20, 30, 3]).file(), to: "it's $my data/x.npy")
    try folder.write(
      NumPyArray((0..<70).map { UInt8($0 % 4) }, shape: [70]).file(),
      to: "it's $my data/x.labels.npy")
  }

  private static let data = ["--data", "it's $my data/x.npy"]

  /// The commands on a page.
  private func commands(_ page: String) throws -> [String] {
    let file = String(decoding: try #require(folder.read(page)), as: UTF8.self)
    let text = try #require(file.firstMatch(of: /<pre>([^<]*)<\/pre>/)).1
    var plain = String(text)
    for (escape, character) in [("&#39;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">")] {
      plain = plain.replacingOccurrences(of: escape, with: character)
    }
    return plain.replacingOccurrences(of: "&amp;", with: "&").split(separator: "\n")
      .map(String.init)
  }

  /// Runs `lines` in the folder as a shell does, the built tool being in its path.
  private func shell(_ lines: [String]) throws -> Int32 {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return try Program.run(
      ["/bin/sh", "-e", "-c", lines.joined(separator: "\n")], in: folder.url,
      environment: ["PATH": Tool.executable.deletingLastPathComponent().path + ":" + path]
    ).status
  }

  /// What a user may have typed, and how many commands the page then has.
  struct Typed: Sendable, CustomTestStringConvertible {
    var metadata: [(String, String)] = []
    var calibrate: [String] = []
    var quantize: [String] = []
    var report: [String] = []
    var testDescription: String { (calibrate + quantize + report).joined(separator: " ") }
  }

  @Test(arguments: [
    Typed(
      calibrate: ["--resize", "16,24", "--crop", "12,20", "--mean", "0.4", "--std=-0.25"],
      quantize: ["--recipe", "minmax", "--ranges", "percentile"],
      report: ["--limit", "33", "--ladder", "5", "--own-errors", "3"]),
    Typed(
      metadata: [("preprocessing.mean", "0.5,0.25,0.125"), ("preprocessing.resize", "16")],
      calibrate: ["--crop", "12,20", "--samples", "40", "--method", "mse"],
      report: ["--split", "train", "--ladder", "0", "--workspace", "a b"]),
    Typed(
      calibrate: ["--mean", "0.1,0.2,0.3", "--std", "0.3", "--resize", "12,20", "--squash"],
      quantize: ["--exact-with", "litert"], report: ["--ladder", "0"]),
  ])
  func pagesAreMadeAgain(_ typed: Typed) throws {
    try write(typed.metadata)
    let workspace = typed.report.contains("--workspace") ? ["--workspace", "a b"] : []
    try run(
      ["calibrate", "--model", "nets/tiny.onnx"] + Self.data + typed.calibrate + workspace)
    if !typed.quantize.isEmpty { try run(["quantize"] + typed.quantize + workspace) }
    try run(["report", "--out", "r&d.html"] + typed.report)
    let page = try #require(folder.read("r&d.html"))
    let lines = try commands("r&d.html")
    #expect(lines.count == 3, "\(lines)")
    #expect(lines.contains { $0.contains("--model nets/tiny.onnx") }, "\(lines)")
    for name in ["r&d.html", ".mnquant", "a b"] {
      try? FileManager.default.removeItem(at: folder.url.appending(path: name))
    }
    #expect(try shell(lines) == 0, "\(lines)")
    #expect(folder.read("r&d.html") == page, "\(lines)")
  }

  /// An int8 model from elsewhere is named, and its float model.
  @Test func pagesOfOtherModelsAreMadeAgain() throws {
    try write()
    try run(["calibrate", "--model", "nets/tiny.onnx", "--crop", "12,20"] + Self.data)
    try run(["quantize", "--recipe", "minmax", "--out", "nets/tiny.mnq"])
    try FileManager.default.removeItem(at: folder.url.appending(path: ".mnquant"))
    try run(
      ["report", "--out", "page.html", "--quantized", "nets/tiny.mnq", "--model", "nets/tiny.onnx"]
        + Self.data)
    let page = try #require(folder.read("page.html"))
    try FileManager.default.removeItem(at: folder.url.appending(path: "page.html"))
    let lines = try commands("copy.html", page)
    #expect(lines.count == 1)
    #expect(try shell(lines) == 0, "\(lines)")
    #expect(folder.read("page.html") == page)
  }

  private func commands(_ name: String, _ page: Data) throws -> [String] {
    try folder.write(page, to: name)
    return try commands(name)
  }

  /// Times are on a page on request alone.
  @Test func timesAreOnRequest() throws {
    try write()
    try run(["calibrate", "--model", "nets/tiny.onnx", "--crop", "12,20"] + Self.data)
    for (options, shows) in [([], false), (["--times"], true)] {
      try run(["report", "--out", "page.html", "--ladder", "4"] + options)
      let page = String(decoding: try #require(folder.read("page.html")), as: UTF8.self)
      #expect(page.contains(">seconds</button>") == shows)
      #expect(try commands("page.html").contains { $0.contains("--times") } == shows)
    }
  }

  /// Every file that a command writes, twice, from folders of their own and with other threads.
  @Test func equalInputsGiveEqualFiles() throws {
    var files: [[String: Data]] = []
    for threads in ["1", "3"] {
      let workspace = ["--workspace", "ws"]
      try? FileManager.default.removeItem(at: folder.url.appending(path: "ws"))
      try write([("preprocessing.mean", "0.5,0.5,0.5")])
      try run(
        ["calibrate", "--model", "nets/tiny.onnx", "--crop", "12,20", "--threads", threads]
          + Self.data + workspace)
      try run(["quantize", "--exact-with", "litert"] + workspace)
      try run(["emit-c", "--out", "ws/firmware"] + workspace)
      for format in ["onnx", "tflite"] {
        try run([
          "export", "ws/quantized.mnq", "--format", format, "--out", "ws/tiny.\(format)",
        ])
      }
      try run(["report", "--out", "ws/page.html", "--threads", threads] + workspace)
      try run([
        "run", "ws/quantized.mnq", "--input", "it's $my data/x.npy", "--output", "ws/y.npy",
        "--dump-layers", "ws/layers", "--threads", threads,
      ])
      let root = folder.url.appending(path: "ws")
      let names = try FileManager.default.subpathsOfDirectory(atPath: root.path)
      files.append(
        Dictionary(
          uniqueKeysWithValues: names.compactMap { name in
            (try? Data(contentsOf: root.appending(path: name))).map { (name, $0) }
          }))
    }
    #expect(files[0].count > 30 && Set(files[0].keys) == Set(files[1].keys))
    for (name, bytes) in files[0] { #expect(files[1][name] == bytes, "\(name)") }
  }
}
