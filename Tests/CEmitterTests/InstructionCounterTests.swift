import Boards
import Foundation
import TestSupport
import Testing

/// A loop of four instructions, counted on every emulated board.
@Suite(.enabled(if: Program.crossToolsExist, "\(Program.crossToolsAbsence)"))
struct InstructionCounterTests {
  /// The second count is longer than a round of the 24-bit counter, which is 524 to 838 million
  /// instructions.
  @Test(arguments: EmulatedBoards.names)
  func countsALoop(_ name: String) throws {
    let board = try BoardCatalog.board(named: name)
    let emulator = try #require(board.emulator)
    try withTemporaryFolder { folder in
      let port = ["port.h", "semihosting.h", "sections.ld", emulator.linkerScript]
      for file in port + emulator.sources {
        let text = try BoardCatalog.supportFile(file)
        try Data(text.utf8).write(to: folder.appending(path: file))
      }
      try Data(Self.program.utf8).write(to: folder.appending(path: "loop.c"))
      let tick = emulator.picosecondsPerTick.map { ["-DPORT_PICOSECONDS_PER_TICK=\($0)"] } ?? []
      let build = try Program.run(
        [board.toolchain + "gcc", "-O2", "-std=c99", "-DPORT_EMULATED"] + board.flags + tick
          + ["-L.", "-T", emulator.linkerScript] + emulator.linkFlags
          + ["loop.c"] + emulator.sources + ["-o", "loop.elf"], in: folder)
      #expect(build.output == "")
      let result = try Program.run(
        ["timeout", "-s", "KILL", "120"] + emulator.command + ["loop.elf"], in: folder)
      #expect(result.status == 0, "\(result.output)")
    }
  }

  /// Ends with status 1 or 2 where the first or second count is off by more than a tick and the
  /// few instructions around the loop.
  private static let program = """
    #include "port.h"

    static uint64_t count(uint32_t rounds)
    {
        port_count_start();
    #ifdef __riscv
        __asm__ volatile("1: nop\\nnop\\naddi %0, %0, -1\\nbnez %0, 1b" : "+r"(rounds));
    #else
        __asm__ volatile(".syntax unified\\n1: nop\\nnop\\nsubs %0, %0, #1\\nbne 1b"
                         : "+l"(rounds) : : "cc");
    #endif
        return port_count();
    }

    static int is_close(uint64_t counted, uint64_t expected)
    {
        return counted + 60 >= expected && counted <= expected + 100;
    }

    int main(void)
    {
        if (!is_close(count(1000000), 4000000)) {
            return 1;
        }
        return is_close(count(225000000), 900000000) ? 0 : 2;
    }

    """
}
