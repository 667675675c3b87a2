import Boards
import Testing

@Suite struct BoardCatalogTests {
  @Test func everyFileIsABoard() throws {
    let boards = try BoardCatalog.boards()
    #expect(boards.count >= 14)
    for board in boards {
      #expect(try BoardCatalog.board(named: board.name) == board)
      #expect(board.flashBytes >= 32 * 1024 && board.ramBytes >= 8 * 1024, "\(board.name)")
      #expect(!board.flags.isEmpty && board.toolchain.hasSuffix("-"), "\(board.name)")
    }
  }

  @Test(arguments: [
    "cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55", "rv32imc",
  ])
  func emulatedBoardsHaveTheirFiles(_ name: String) throws {
    let emulator = try #require(try BoardCatalog.board(named: name).emulator)
    for file in emulator.sources + [emulator.linkerScript] {
      #expect(try !BoardCatalog.supportFile(file).isEmpty, "\(file)")
    }
  }

  @Test func unknownBoardsAreNamed() throws {
    let error = #expect(throws: BoardError.self) { try BoardCatalog.board(named: "cortex-m5") }
    let sentence = try #require(error).description
    #expect(sentence.hasPrefix("board 'cortex-m5' is not known; choose one of: "))
    #expect(sentence.contains("cortex-m55"))
  }

  @Test func aFileThatIsMissingIsAnError() {
    #expect(throws: BoardError.self) { try BoardCatalog.supportFile("missing.c") }
  }

  /// What makers' manuals and linker scripts leave to a program.
  @Test(arguments: [
    ("arduino-nano-33-ble", 983_040, 262_144),  // 1 MiB less the bootloader's 64 KiB
    ("esp32-c3-devkitm", 4_128_768, 393_216),  // 400 KB of SRAM less 16 of cache
    ("esp32-s3-devkitc", 8_323_072, 458_752),
    ("rpi-pico", 2_097_152 - 256, 262_144),
    ("rpi-pico2", 4_194_304, 524_288),
    ("teensy-4.1", 8_126_464, 524_288),
  ])
  func sizesAreWhatIsLeft(_ name: String, _ flash: Int, _ ram: Int) throws {
    let board = try BoardCatalog.board(named: name)
    #expect(board.flashBytes == flash && board.ramBytes == ram)
  }

  @Test func everyBoardSaysWhereItsSizesComeFrom() throws {
    for board in try BoardCatalog.boards() { #expect(board.notes != nil, "\(board.name)") }
  }
}
