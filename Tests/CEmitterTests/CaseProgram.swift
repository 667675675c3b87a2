import Boards
import CEmitter
import Engines
import Foundation
import LayerCases
import QuantizedIR
import TestSupport

/// One C program that runs several models as emitted firmware, against known outputs. Each case has
/// a prefix of its own, so all fit into one translation unit.
struct CaseProgram {
  /// A model, and what it must give.
  struct Case {
    let name: String
    let model: QuantizedModel
    let tests: [SelfTest]
  }

  static let flags =
    ("-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wunused-macros "
    + "-Wmissing-prototypes -Wstrict-prototypes -Werror -Iinclude -Iruntime -Iport -I.")
    .split(separator: " ").map(String.init)

  private let folder: URL
  private let kernels: [String]

  /// Writes the program's files for `board`.
  init(_ cases: [Case], in folder: URL, board: Board) throws {
    var driver = "#include <string.h>\n#include \"port.h\"\n"
    var calls = ""
    var kernels: Set<String> = []
    var arenaBytes = 0
    for (index, row) in cases.enumerated() {
      let prefix = "case\(index)"
      let firmware = try Firmware(
        row.model, board: board, prefix: prefix, selfTests: row.tests, trace: RowTrace.checksums)
      let files = try firmware.files()
      try files.write(to: folder)
      kernels.formUnion(files.map(\.path).filter { $0.hasPrefix("runtime/") && $0.hasSuffix(".c") })
      arenaBytes = max(arenaBytes, firmware.budget.arenaBytes)
      driver += "#include \"\(prefix).c\"\n#include \"\(prefix)_selftest.h\"\n"
      calls += Self.call(prefix, row.name)
    }
    driver += "static MNQ_ALIGNED uint8_t arena[\(arenaBytes)];\nint main(void)\n{\n"
    driver += "    int wrong = 0;\n" + calls + "    return wrong;\n}\n"
    try Data(driver.utf8).write(to: folder.appending(path: "cases.c"))
    self.folder = folder
    self.kernels = kernels.sorted()
  }

  private static func call(_ prefix: String, _ name: String) -> String {
    """
        if (\(prefix)_check() != MNQ_OK) {
            port_print("tables differ: \(name)\\n");
            wrong = 1;
        }
        for (int i = 0; i < \(prefix.uppercased())_SELFTEST_COUNT; ++i) {
            uint32_t checksum = UINT32_C(2166136261);
            memcpy(\(prefix)_input(arena), \(prefix)_selftest_inputs[i],
                   \(prefix.uppercased())_INPUT_BYTES);
            if (\(prefix)_run(arena) != MNQ_OK || memcmp(\(prefix)_output(arena), \(prefix)_selftest_outputs[i],
                       \(prefix.uppercased())_OUTPUT_BYTES) != 0) {
                port_print("differs: \(name)\\n");
                wrong = 1;
            }
            memcpy(\(prefix)_input(arena), \(prefix)_selftest_inputs[i],
                   \(prefix.uppercased())_INPUT_BYTES);
            for (int32_t row = 0; row < \(prefix.uppercased())_ROW_COUNT; ++row) {
                wrong |= \(prefix)_run_row(arena, row) != MNQ_OK;
                const uint8_t *written = arena + \(prefix)_selftest_rows[row].offset;
                for (int32_t b = 0; b < \(prefix)_selftest_rows[row].bytes; ++b) {
                    checksum = (checksum ^ written[b]) * UINT32_C(16777619);
                }
                if (checksum != \(prefix)_selftest_checksums[i][row]) {
                    port_print("row differs: \(name)\\n");
                    wrong = 1;
                    break;
                }
            }
        }

    """
  }

  /// Compiles for this machine and runs; returns what it printed and its status.
  func runOnHost(compiler: String) throws -> Program.Outcome {
    let command =
      [compiler, "-O2"] + Self.flags + ["cases.c", "port/port_host.c"] + kernels
      + ["-o", "host-cases"]
    let build = try Program.run(command, in: folder)
    guard build.status == 0 else { return build }
    return try Program.run(["./host-cases"], in: folder)
  }

  /// Compiles each file for `board` by `compiler`; returns what that had to say.
  func check(_ compiler: [String], _ board: Board) throws -> Program.Outcome {
    let port = board.emulator?.sources.map { "port/\($0)" } ?? []
    return try Program.run(
      compiler + board.flags + Self.flags
        + ["-O2", "-fsyntax-only", "-DPORT_EMULATED", "-DPORT_PICOSECONDS_PER_TICK=1", "cases.c"]
        + ["main.c"] + port + kernels, in: folder)
  }

  /// Compiles for `board` and runs under its emulator; returns what it printed and its status.
  func run(on board: Board, _ emulator: Emulator) throws -> Program.Outcome {
    let tick = emulator.picosecondsPerTick.map { ["-DPORT_PICOSECONDS_PER_TICK=\($0)"] } ?? []
    let (image, object) = ("\(board.name).elf", "\(board.name).o")
    let compiler = [board.toolchain + "gcc"] + board.flags + Self.flags + tick
    // Tables and calls, and no arithmetic: to optimize them takes ten times as long as all kernels.
    // On the host they are optimized, as whole networks are on boards.
    let tables = try Program.run(
      compiler + [
        "-O0", "-ffunction-sections", "-DMNQ_UNOPTIMIZED", "-DPORT_EMULATED", "-c", "cases.c", "-o",
        object,
      ],
      in: folder)
    guard tables.status == 0 else { return tables }
    let build = try Program.run(
      compiler + [
        "-O2", "-DPORT_EMULATED", "-Wl,--gc-sections", "-Lport", "-T", emulator.linkerScript,
      ]
        + emulator.linkFlags + [object] + emulator.sources.map { "port/\($0)" } + kernels
        + ["-o", image], in: folder)
    guard build.status == 0 else { return build }
    return try Program.run(
      ["timeout", "-s", "KILL", "120"] + emulator.command + [image], in: folder)
  }
}

extension CaseProgram.Case {
  /// Every layer case, against the Swift engine's outputs.
  static let layers = LayerCase.all.map { row in
    let engine = BoundModel.plain(row.model)
    let tests = (UInt64(1)...2).map { seed in
      let input = row.input(seed: seed)
      return SelfTest(input: input, output: engine.run(input))
    }
    return CaseProgram.Case(name: row.name, model: row.model, tests: tests)
  }
}
