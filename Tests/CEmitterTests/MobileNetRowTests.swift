import BoardKernels
import Boards
import CEmitter
import Engines
import Foundation
import TestSupport
import Testing

/// Every variant of the families, small and with random weights, from named weights to firmware
/// whose output is that of the Swift engine.
@Suite struct MobileNetRowTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [
    "mobilenet-v1,width=0.25,resolution=96,classes=10",
    "mobilenet-v1,width=0.5,resolution=32,classes=10,relu",
    "mobilenet-v1,width=0.25,small-images,classes=100",
    "mobilenet-v1,width=0.25,resolution=33,classes=10,keras",
    "mobilenet-v1,width=0.25,resolution=32,biased,classes=1,probabilities",
    "mobilenet-v1-small,width=0.5",
    "mobilenet-v2,width=0.35,resolution=64,classes=10,probabilities",
    "mobilenet-v2,width=0.35,small-images",
    "mobilenet-v2,width=0.35,resolution=32,classes=10,projected-shortcut",
    "mobilenet-v2,width=0.35,resolution=32,classes=10,matching-shortcut",
    "mobilenet-v2,width=0.35,resolution=64,classes=10,keras",
    "mobilenet-v3-large,width=0.35,resolution=64,classes=10",
    "mobilenet-v3-large,width=0.35,resolution=32,classes=10,keras,minimalistic",
    "mobilenet-v3-small,width=0.5,resolution=64,classes=10",
    "mobilenet-v3-small,width=0.35,small-images,classes=1",
    "mobilenet-v3-small,width=0.35,resolution=32,classes=10,normalized-se",
    "mobilenet-v3-small,width=0.35,resolution=75,classes=10,keras",
  ])
  func isExactOnTheHost(_ spelling: String) async throws {
    try await withRow(spelling, board: "cortex-m4") { folder in
      let result = try Program.run(["make", "host-run"], in: folder)
      #expect(result.status == 0)
      #expect(result.output.hasPrefix("self-test: 2/2 exact\n"), "\(result.output)")
    }
  }

  @Test(
    .enabled(if: Program.crossToolsExist, "\(Program.crossToolsAbsence)"),
    arguments: [
      "mobilenet-v1,width=0.25,small-images", "mobilenet-v2,width=0.35,resolution=32,classes=10",
      "mobilenet-v3-large,width=0.35,resolution=32,classes=10",
      "mobilenet-v3-small,width=0.35,resolution=32,classes=10",
    ], ["cortex-m4", "rv32imc"])
  func isExactUnderEmulation(_ spelling: String, _ board: String) async throws {
    try await withRow(spelling, board: board) { folder in
      let result = try Program.run(["make", "run"], in: folder)
      #expect(result.status == 0)
      #expect(result.output.hasPrefix("self-test: 2/2 exact\n"), "\(result.output)")
    }
  }

  /// In an arena that whole layers do not fit, some run in chains, exactly.
  @Test(arguments: [
    "mobilenet-v1,width=0.25,resolution=64,classes=10",
    "mobilenet-v2,width=0.35,resolution=64,classes=10",
  ])
  func isExactInChains(_ spelling: String) async throws {
    let net = try await QuantizedNetwork(random: spelling)
    let board = try BoardCatalog.board(named: "cortex-m4")
    let (input, output) = try net.inference(0)
    let tests = [SelfTest(input: input, output: output)]
    let whole = try Firmware(
      net.model, board: board, prefix: "net", selfTests: tests, trace: RowTrace.checksums)
    let limit = whole.budget.arenaBytes * 9 / 10
    let limited = try Firmware(
      net.model, board: board, prefix: "net", selfTests: tests, trace: RowTrace.checksums,
      arenaLimit: .bytes(limit))
    #expect(!limited.chains.isEmpty)
    #expect(limited.chains.allSatisfy { $0.calls > $0.layers })
    #expect(limited.budget.arenaBytes <= limit)
    try limited.files().write(to: folder.url)
    let result = try Program.run(["make", "host-run"], in: folder.url)
    #expect(result.output.hasPrefix("self-test: 1/1 exact\n"), "\(result.output)")
    // Steps share tables: what they add is structs and rows.
    #expect(limited.budget.tableBytes < whole.budget.tableBytes + 32 * 1024)

    let error = #expect(throws: EmitError.self) {
      try Firmware(
        net.model, board: board, prefix: "net", selfTests: tests, trace: RowTrace.checksums,
        arenaLimit: .bytes(100))
    }
    guard case .schedule(.arenaLimit(100, let smallest)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    let least = try Firmware(
      net.model, board: board, prefix: "net", selfTests: tests, trace: RowTrace.checksums,
      arenaLimit: .least)
    #expect(least.budget.arenaBytes == smallest)

    var small = board
    small.ramBytes = limit + Budget.stackAllowance
    let advice = #expect(throws: EmitError.self) {
      try Firmware(
        net.model, board: small, prefix: "net", selfTests: tests, trace: RowTrace.checksums)
    }
    guard case .fitsInChains(.doesNotFit, arenaLimit: limit) = advice else {
      Issue.record("\(String(describing: advice))")
      return
    }
  }

  /// Writes the firmware of a row, whose int8 form follows the float one, and calls `body`.
  private func withRow(
    _ spelling: String, board: String, _ body: (URL) throws -> Void
  ) async throws {
    let net = try await QuantizedNetwork(random: spelling)
    #expect(try net.cosine(0) > 0.8)
    let tests = try (0..<2).map { image in
      let (input, output) = try net.inference(image)
      return SelfTest(input: input, output: output)
    }
    let firmware = try Firmware(
      net.model, board: BoardCatalog.board(named: board), prefix: "net", selfTests: tests,
      trace: RowTrace.checksums)
    #expect(firmware.budget.arenaBytes * 100 <= firmware.budget.arenaLowerBound * 102)
    try firmware.files().write(to: folder.url)
    try body(folder.url)
  }
}
