import Boards
import Foundation
import LayerCases
import TestSupport
import Testing

/// The Swift engine, the C on this machine and the C under QEMU give the same bytes, for every
/// layer case.
@Suite struct ThreeWayTests {
  @Test(arguments: ["gcc", "clang"])
  func host(_ compiler: String) throws {
    try withTemporaryFolder { folder in
      let program = try CaseProgram.layers(
        in: folder, board: BoardCatalog.board(named: "cortex-m4"))
      let result = try program.runOnHost(compiler: compiler)
      #expect(result.output == "")
      #expect(result.status == 0)
    }
  }

  @Test(
    .enabled(if: Program.crossToolsExist, "\(Program.crossToolsAbsence)"),
    arguments: EmulatedBoards.names.map { ($0, "-O2") } + [("cortex-m55", "-O3")])
  func emulated(_ name: String, _ optimization: String) throws {
    let board = try BoardCatalog.board(named: name)
    let emulator = try #require(board.emulator)
    try withTemporaryFolder { folder in
      let result = try CaseProgram.layers(in: folder, board: board).run(
        on: board, emulator, optimization: optimization)
      #expect(result.output == "")
      #expect(result.status == 0)
    }
  }
}

/// The boards that QEMU stands in for.
enum EmulatedBoards {
  static let names = [
    "cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55", "rv32imc",
  ]
}
