import BoardKernels
import Boards
import CEmitter
import Engines
import Foundation
import QuantizedIR
import TestSupport
import Testing

/// The engine of boards runs what is emitted: the same kernels in the same order, on the same bytes
/// of an arena of the same size.
@Suite struct EmittedScheduleTests {
  private static let bundled = FileManager.default.fileNames(in: Locations.models, type: "onnx")

  @Test(arguments: bundled)
  func engineRunsWhatIsEmittedOfBundledModels(_ file: String) async throws {
    try check(try await QuantizedNetwork(file: Locations.models.appending(path: file).path))
  }

  @Test(arguments: [
    "mobilenet-v1,width=0.25,resolution=32,classes=10",
    "mobilenet-v2,width=0.35,resolution=32,classes=10",
    "mobilenet-v3-small,width=0.35,resolution=32,classes=10",
  ])
  func engineRunsWhatIsEmitted(_ spelling: String) async throws {
    try check(try await QuantizedNetwork(random: spelling))
  }

  /// Emits the network for every board, in chains where only those fit.
  private func check(_ network: QuantizedNetwork) throws {
    let (input, output) = try network.inference(0)
    let test = SelfTest(input: input, output: output)
    var emitted = 0
    for board in try BoardCatalog.boards() {
      guard let (firmware, limit) = try Self.firmware(network.model, board, test) else { continue }
      let files = try firmware.files()
      emitted += 1
      let schedule = try BoardSchedule(
        network.model, for: board.instructionSet, arenaLimit: limit.map(ArenaLimit.bytes))
      let engine = BoundModel.board(schedule)
      let summary = try #require(files.first { $0.path == "net.json" }).text
      let json = try JSONDecoder().decode(Summary.self, from: Data(summary.utf8))
      #expect(json.arenaBytes == engine.arenaBytes, "\(board.name)")
      #expect(json.layers.map(\.kernel) == schedule.kernels.map(\.stem), "\(board.name)")
      #expect(
        json.layers.map(\.output.offset) == engine.steps.compactMap(\.finished?.offset),
        "\(board.name)")
      let table = try #require(files.first { $0.path == "include/net_layers.h" }).text
      #expect(Self.rows(table) == Self.rows(engine, schedule), "\(board.name)")
      #expect(engine.run(input) == output, "\(board.name)")
    }
    #expect(emitted > 10)
  }

  /// Firmware for `board` and its arena's limit, if one is needed; `nil` where the board is too small.
  /// What rows leave behind is not asked here, and would take longest.
  private static func firmware(
    _ model: QuantizedModel, _ board: Board, _ test: SelfTest
  ) throws -> (Firmware, limit: Int?)? {
    func firmware(_ limit: Int?) throws -> Firmware {
      try Firmware(
        model, board: board, prefix: "net", selfTests: [test],
        trace: { schedule, _ in schedule.rows.map { _ in 0 } },
        arenaLimit: limit.map(ArenaLimit.bytes))
    }
    do {
      return (try firmware(nil), nil)
    } catch let error as EmitError where error.isShortage {
      guard case .fitsInChains(_, let limit) = error else { return nil }
      return (try firmware(limit), limit)
    }
  }

  /// Of `net.json`.
  private struct Summary: Decodable {
    struct Buffer: Decodable { let offset: Int }
    struct Layer: Decodable {
      let kernel: String
      let output: Buffer
    }
    let arenaBytes: Int
    let layers: [Layer]
  }

  /// The rows of a layer table, without the structs and constants that they point at.
  private static func rows(_ text: String) -> [String] {
    text.matches(of: #/\{MNQ_([A-Z0-9_]+), &[a-z0-9_.]+, (-?\d+), (-?\d+), (\d+), (\d+), /#).map {
      "\($0.1) \($0.2) \($0.3) \($0.4) \($0.5)"
    }
  }

  private static func rows(_ engine: BoundModel, _ schedule: BoardSchedule) -> [String] {
    schedule.entries.map { entry in
      let (step, row) = (engine.steps[entry], schedule.rows[entry])
      let b = row.operands.count > 1 ? offset(step.b) : -1
      return "\(schedule.kernels[row.layer].stem.uppercased()) \(offset(step.a)) \(b) "
        + "\(step.output) \(step.scratch)"
    }
  }

  /// -1 for a constant.
  private static func offset(_ operand: BoundModel.Operand) -> Int {
    if case .arena(let offset) = operand.place { offset } else { -1 }
  }
}

extension FileManager {
  fileprivate func fileNames(in folder: URL, type: String) -> [String] {
    let names = (try? contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".\(type)") }.sorted()
  }
}
