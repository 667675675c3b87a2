import Boards
import CEmitter
import Foundation
import TestSupport
import Testing

/// The emitted C of every model of the conformance kit gives the bytes of LiteRT's reference
/// kernels. Where a model takes or gives real numbers, their codes are compared.
@Suite(.enabled(if: ConformanceCase.areThere, "the conformance kit is not in ../shared"))
struct ConformanceFirmwareTests {
  @Test(arguments: ["gcc", "clang"])
  func isExactOnTheHost(_ compiler: String) throws {
    var board = try BoardCatalog.board(named: "cortex-m4")
    // The host has room for every case.
    (board.flashBytes, board.ramBytes) = (1 << 30, 1 << 30)
    let cases = try ConformanceCase.all.map { row in
      let model = try row.model()
      let test = SelfTest(
        input: try row.inputCodes(model), output: try row.expectedCodes(model))
      return CaseProgram.Case(name: row.name, model: model, tests: [test])
    }
    try withTemporaryFolder { folder in
      let result = try CaseProgram(cases, in: folder, board: board).runOnHost(compiler: compiler)
      #expect(result.output == "")
      #expect(result.status == 0)
    }
  }
}
