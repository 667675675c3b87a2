import Boards
import Testing

@Suite struct BudgetTests {
  private let budget = Budget(
    tableBytes: 300 * 1024, codeBytes: 16 * 1024, arenaBytes: 100 * 1024,
    arenaLowerBound: 100 * 1024,
    largestLayer: "features.2", largestLayerBytes: 90 * 1024)

  private func board(flash: Int, ram: Int) throws -> Board {
    var board = try BoardCatalog.board(named: "cortex-m4")
    board.flashBytes = flash
    board.ramBytes = ram
    return board
  }

  @Test func fitsExactly() throws {
    #expect(try board(flash: 316 * 1024, ram: 102 * 1024).fits(budget))
    #expect(try !board(flash: 316 * 1024 - 1, ram: 102 * 1024).fits(budget))
    #expect(try !board(flash: 316 * 1024, ram: 102 * 1024 - 1).fits(budget))
  }

  @Test func saysByHowMuchAndWhatHelps() throws {
    let small = try board(flash: 256 * 1024, ram: 64 * 1024)
    let error = #expect(throws: BoardError.self) { try small.check(budget) }
    #expect(
      error?.description == """
        needs 316 KiB of flash, cortex-m4 has 256 KiB: 60 KiB too much (300 KiB of them tables), \
        and needs 102 KiB of RAM, cortex-m4 has 64 KiB: 38 KiB too much (layer 'features.2' alone \
        needs 90 KiB); a smaller width multiplier and input would help, or the board \
        nucleo-f446re, where it fits: `mnquant targets` lists all
        """)
  }

  @Test func saysWhereNothingIsLargeEnough() throws {
    var budget = budget
    budget.arenaBytes = 1 << 40
    let error = #expect(throws: BoardError.self) {
      try board(flash: 1 << 20, ram: 1 << 20).check(budget)
    }
    #expect(
      error?.description.hasSuffix("`mnquant targets` lists none of this processor's kind") == true)
  }

  /// No smaller board has room, and the one that is named does.
  @Test func namesTheSmallestBoardWithRoom() throws {
    var budget = budget
    (budget.tableBytes, budget.arenaBytes) = (3500 * 1024, 1500 * 1024)
    let board = try board(flash: 1 << 20, ram: 1 << 18)
    #expect(throws: BoardError.doesNotFit(board, budget, roomier: "cortex-m55")) {
      try board.check(budget)
    }
  }

  /// Code and tables share the RAM of a board that copies them there.
  @Test func codeInRAMCounts() throws {
    let teensy = try BoardCatalog.board(named: "teensy-4.1")
    #expect(teensy.runsFromRAM && teensy.fits(budget))
    #expect(teensy.ramBytes(for: budget) == (100 + 2 + 300 + 16) * 1024)
    var large = budget
    large.tableBytes = 407 * 1024
    #expect(!teensy.fits(large))
    let error = #expect(throws: BoardError.self) { try teensy.check(large) }
    #expect(error?.description.contains("code and tables are in RAM here, too)") == true)
  }

  /// The board that is named runs the same code.
  @Test func namesABoardOfTheSameKind() throws {
    var small = try BoardCatalog.board(named: "esp32-c3-devkitm")
    small.ramBytes = 1024
    #expect(throws: BoardError.doesNotFit(small, budget, roomier: "esp32-c3-devkitm")) {
      try small.check(budget)
    }
    small.core = "xtensa-lx7"
    #expect(throws: BoardError.doesNotFit(small, budget, roomier: "esp32-s3-devkitc")) {
      try small.check(budget)
    }
    small.core = "avr"
    #expect(throws: BoardError.doesNotFit(small, budget, roomier: nil)) { try small.check(budget) }
  }
}
