import Foundation
import TestSupport
import Testing

/// No change makes firmware worse by more than 1% in cycles, arena, code, tables or stack. Instructions
/// stand beside them, and count only where nobody describes what they take. The figures repeat
/// exactly; MNQUANT_UPDATE_GOLDENS=1 writes them anew.
@Suite(
  .serialized,
  .enabled(
    if: Program.crossToolsExist, "\(Program.crossToolsAbsence)")
)
struct FirmwareFiguresTests {
  private typealias Table = [String: [String: [String: Int]]]

  private static let file = Locations.tests.appending(
    path: "CommandLineTests/FirmwareFigures.json")

  private static let boards = ["cortex-m0plus", "cortex-m4", "cortex-m55", "rv32imc"]

  @Test(arguments: boards)
  func bundledModel(_ board: String) throws {
    try compare(
      "shapes-mobilenet-v3-small", "model.mnq", board, TemporaryFolder(like: Prepared.quantized))
  }

  @Test(
    .enabled(
      if: Locations.isShared("models"), "\(Locations.absence(of: "models"))"),
    arguments: ["vww-mobilenet-v1-025-96", "cifar10-resnet8"], boards)
  func referenceModel(_ model: String, _ board: String) throws {
    let path = Locations.shared.appending(path: "models/\(model).int8.tflite").path
    try compare(model, path, board, TemporaryFolder())
  }

  /// Some layers in chains, and the image row by row: in the smallest arena, and in two between.
  @Test(
    .enabled(
      if: Locations.isShared("models"), "\(Locations.absence(of: "models"))"),
    arguments: ["vww-mobilenet-v1-025-96", "cifar10-resnet8"],
    [
      "--arena-limit min", "--arena-limit 33000", "--input rows --arena-limit 18000",
      "--input rows",
    ])
  func smallArena(_ model: String, _ options: String) throws {
    let path = Locations.shared.appending(path: "models/\(model).int8.tflite").path
    let folder = try TemporaryFolder()
    let words = options.split(separator: " ").map(String.init)
    let emitted = try Tool.run(
      ["emit-c", "--quantized", path, "--target", "cortex-m4", "--self-test", "1", "--out", "fw"]
        + words, in: folder.url)
    #expect(emitted.status == 0, "\(emitted.errors)")
    let run = try Program.run(["make", "run"], in: folder.url.appending(path: "fw"))
    #expect(run.status == 0 && run.output.contains("self-test: 1/1 exact\n"), "\(run.output)")
    var figures: [String: Int] = [:]
    for line in run.output.split(separator: "\n") {
      let parts = line.split(separator: ": ")
      if parts.count == 2, let number = Int(parts[1]) { figures[String(parts[0])] = number }
    }
    #expect(figures.count == 5)
    try compare(figures, with: model, "cortex-m4 \(options)", showing: [])
  }

  /// Measures `path` on `board` beside the committed figures of `model`.
  private func compare(
    _ model: String, _ path: String, _ board: String, _ folder: TemporaryFolder
  ) throws {
    let report = try folder.run("bench", path, "--target", board, "--json").json()
    var figures = try #require(report["figures"] as? [String: Any]).compactMapValues { $0 as? Int }
    #expect(figures.count == 5)
    let cycles = (report["cycles"] as? [String: Int])?["mid"]
    #expect(
      (cycles != nil) == board.hasPrefix("cortex"), "\(board): what its core takes is not known")
    figures["cycles"] = cycles
    try compare(figures, with: model, board, showing: cycles == nil ? [] : ["instructions"])
  }

  /// Compares with what was committed, or writes that anew.
  ///
  /// - Parameter shown: Figures that may grow.
  private func compare(
    _ figures: [String: Int], with model: String, _ board: String, showing shown: Set<String>
  ) throws {
    if ProcessInfo.processInfo.environment["MNQUANT_UPDATE_GOLDENS"] != nil {
      var table = (try? Self.table()) ?? [:]
      table[model, default: [:]][board] = figures
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      return try (encoder.encode(table) + Data("\n".utf8)).write(to: Self.file)
    }
    let committed = try #require(try Self.table()[model]?[board])
    for (name, count) in figures where !shown.contains(name) {
      let before = try #require(committed[name])
      #expect(count * 100 <= before * 101, "\(model), \(board), \(name): \(before) became \(count)")
    }
  }

  private static func table() throws -> Table {
    try JSONDecoder().decode(Table.self, from: Data(contentsOf: file))
  }
}
