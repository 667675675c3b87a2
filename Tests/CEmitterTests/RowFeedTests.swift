import Boards
import CEmitter
import Foundation
import LayerCases
import TestSupport
import Testing

/// Images that come row by row, in C: any number of rows at a time, and every misuse has its status.
@Suite struct RowFeedTests {
  @Test(
    arguments: ["gcc", "clang"],
    [(InputArrival.whole, nil), (.rows, nil), (.rows, ArenaLimit.least)])
  func rowsAreTakenAsTheyCome(_ compiler: String, _ way: (InputArrival, ArenaLimit?)) throws {
    try withTemporaryFolder { folder in
      try ProjectTests.files("cortex-m4", arenaLimit: way.1, input: way.0).write(to: folder)
      try Data(Self.program.utf8).write(to: folder.appending(path: "feed.c"))
      let command =
        "\(compiler) " + CaseProgram.flags.joined(separator: " ")
        + " -O1 feed.c runtime/*.c -o feed"
      #expect(try Program.run(["sh", "-c", command], in: folder).output == "")
      #expect(try Program.run(["./feed"], in: folder).status == 0)
    }
  }

  /// The self-test of firmware that takes rows alone is exact, under emulation as well.
  @Test(
    .enabled(if: Program.crossToolsExist, "\(Program.crossToolsAbsence)"),
    arguments: EmulatedBoards.names + ["stm32f103-bluepill"])
  func isExactUnderEmulation(_ board: String) throws {
    try withTemporaryFolder { folder in
      try ProjectTests.files(board, arenaLimit: .least, input: .rows).write(to: folder)
      let result = try Program.run(["make", "run"], in: folder)
      #expect(
        result.status == 0 && result.output.contains("self-test: 3/3 exact\n"), "\(result.output)")
    }
  }

  /// Whoever reads only `net.h` finds one way to hand over an image, and what is not there is not declared.
  @Test func whatIsNotThereIsNotDeclared() throws {
    let rows = try ProjectTests.files("cortex-m4", input: .rows)
    let header = try #require(rows.first { $0.path == "include/net.h" }).text
    for name in ["net_run(", "net_input(", "net_preprocess(", "NET_INPUT_OFFSET"] {
      #expect(!header.contains(name), "\(name)")
    }
    #expect(header.contains("#define NET_INPUT_BY_ROWS 1"))
    let readme = try #require(rows.first { $0.path == "README.md" }).text
    #expect(readme.contains("net_feed") && !readme.contains("net_run("))
  }

  private static let program = """
    #include <string.h>

    #include "net.c"
    #include "net_selftest.h"

    enum { GUARD = 64 };
    static NET_ALIGNED uint8_t arena[NET_ARENA_BYTES + GUARD];

    static int is_exact(int test)
    {
        return memcmp(net_output(arena), net_selftest_outputs[test], NET_OUTPUT_BYTES) == 0;
    }

    /* Feeds `step` rows at a time. */
    static int takes_rows(int test, int32_t step)
    {
        const int8_t *codes = net_selftest_inputs[test];
        if (net_begin(arena) != MNQ_OK) {
            return 0;
        }
        for (int32_t row = 0; row < NET_INPUT_HEIGHT; row += step) {
            const int32_t left = NET_INPUT_HEIGHT - row;
            const int32_t count = step < left ? step : left;
            if (net_end(arena) != MNQ_TOO_FEW_ROWS || net_feed(arena, codes, 0) != MNQ_OK
                || net_feed(arena, codes, left + 1) != MNQ_TOO_MANY_ROWS
                || net_feed(arena, codes, -1) != MNQ_TOO_MANY_ROWS
                || net_feed(arena, codes, count) != MNQ_OK) {
                return 0;
            }
            codes += count * NET_INPUT_ROW_BYTES;
        }
        return net_feed(arena, codes, 1) == MNQ_TOO_MANY_ROWS && net_end(arena) == MNQ_OK
               && is_exact(test) && net_end(arena) == MNQ_NOT_BEGUN
               && net_feed(arena, codes, 1) == MNQ_NOT_BEGUN;
    }

    /* Pixels give what their codes give. */
    static int takes_pixels(void)
    {
        static uint8_t pixels[NET_INPUT_BYTES];
        static int8_t codes[NET_INPUT_BYTES];
        int8_t output[NET_OUTPUT_BYTES];
        uint32_t random = 1;
        for (int32_t i = 0; i < NET_INPUT_BYTES; ++i) {
            random = random * 1664525 + 1013904223;
            pixels[i] = (uint8_t)(random >> 24);
            codes[i] = net_pixel_codes[i % NET_INPUT_CHANNELS * 256 + pixels[i]];
        }
        if (net_begin(arena) || net_feed(arena, codes, NET_INPUT_HEIGHT) || net_end(arena)) {
            return 0;
        }
        memcpy(output, net_output(arena), sizeof output);
        memset(arena, 0, NET_ARENA_BYTES);
        return net_begin(arena) == MNQ_OK
               && net_feed_pixels(arena, pixels, NET_INPUT_HEIGHT) == MNQ_OK
               && net_end(arena) == MNQ_OK
               && memcmp(output, net_output(arena), sizeof output) == 0;
    }

    int main(void)
    {
        memset(arena, 0xA5, sizeof arena);
        if (net_feed(arena, net_selftest_inputs[0], 1) != MNQ_NOT_BEGUN
            || net_end(arena) != MNQ_NOT_BEGUN || net_begin(0) != MNQ_NO_ARENA
            || net_feed(0, net_selftest_inputs[0], 1) != MNQ_NO_ARENA || net_end(0) != MNQ_NO_ARENA
            || net_begin(arena + 4) != MNQ_MISALIGNED_ARENA) {
            return 1;
        }
        for (int test = 0; test < NET_SELFTEST_COUNT; ++test) {
            for (int32_t step = 1; step <= NET_INPUT_HEIGHT; ++step) {
                if (!takes_rows(test, step)) {
                    return 2;
                }
            }
        }
        /* What was begun can be begun again. */
        if (net_begin(arena) || net_feed(arena, net_selftest_inputs[1], 1) || !takes_rows(0, 3)) {
            return 3;
        }
        if (!takes_pixels()) {
            return 4;
        }
        for (int i = 0; i < GUARD; ++i) {
            if (arena[NET_ARENA_BYTES + i] != 0xA5) {
                return 5;
            }
        }
        return 0;
    }

    """
}
