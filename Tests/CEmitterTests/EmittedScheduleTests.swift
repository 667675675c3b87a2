import BoardKernels
import Boards
import CEmitter
import Engines
import Foundation
import QuantizedIR
import Testing

/// The engine of boards runs what is emitted: the same kernels in the same order, on the same bytes
/// of an arena of the same size.
@Suite struct EmittedScheduleTests {
  @Test(arguments: [
    "mobilenet-v1,width=0.25,resolution=32,classes=10",
    "mobilenet-v2,width=0.35,resolution=32,classes=10",
    "mobilenet-v3-small,width=0.35,resolution=32,classes=10",
  ])
  func engineRunsWhatIsEmitted(_ spelling: String) async throws {
    let network = try await RandomMobileNet(spelling)
    let (input, output) = try network.inference(0)
    var emitted = 0
    for board in try BoardCatalog.boards() {
      let firmware = try? Firmware(
        network.model, board: board, prefix: "net",
        selfTests: [SelfTest(input: input, output: output)])
      // Some boards are too small.
      guard let files = try firmware?.files() else { continue }
      emitted += 1
      let engine = try BoardModel(network.model, for: InstructionSet(of: board))
      let summary = try #require(files.first { $0.path == "net.json" }).text
      let json = try JSONDecoder().decode(Summary.self, from: Data(summary.utf8))
      #expect(json.arenaBytes == engine.schedule.plan.arenaBytes, "\(board.name)")
      #expect(json.layers.map(\.kernel) == engine.schedule.kernels.map(\.stem), "\(board.name)")
      let table = try #require(files.first { $0.path == "include/net_layers.h" }).text
      #expect(Self.rows(table) == Self.rows(engine.schedule), "\(board.name)")
      var arena = BoardArena(engine)
      #expect(arena.run(input) == output, "\(board.name)")
    }
    #expect(emitted > 10)
  }

  /// Of `net.json`.
  private struct Summary: Decodable {
    struct Layer: Decodable { let kernel: String }
    let arenaBytes: Int
    let layers: [Layer]
  }

  /// The rows of a layer table, without the structs and constants that they point at.
  private static func rows(_ text: String) -> [String] {
    text.matches(of: #/\{MNQ_([A-Z0-9_]+), &[a-z0-9_.]+, (-?\d+), (-?\d+), (\d+), (\d+), /#).map {
      "\($0.1) \($0.2) \($0.3) \($0.4) \($0.5)"
    }
  }

  private static func rows(_ schedule: BoardSchedule) -> [String] {
    schedule.rows.map { row in
      "\(schedule.kernels[row.layer].stem.uppercased()) \(row.operand(0)) \(row.operand(1)) "
        + "\(row.output) \(row.scratch ?? 0)"
    }
  }
}
