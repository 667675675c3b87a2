import Boards
import CEmitter
import Engines
import Foundation
import LayerCases
import QuantizedIR
import TestSupport
import Testing

/// One C program that runs several models as emitted firmware, against known outputs. Each case has
/// a prefix of its own, so all fit into one translation unit.
struct CaseProgram {
  /// A model, and what it must give.
  struct Case {
    let name: String
    let model: QuantizedModel
    let tests: [SelfTest]
  }

  /// The firmware of several cases. Tables and code of a network follow from the instruction set; what
  /// else a board has stands around them.
  struct Networks {
    let names: [String]
    /// By path; what stands around all networks is the last one's.
    let files: [String: EmittedFile]
    let arenaBytes: Int

    init(_ cases: [Case], for board: Board) throws {
      var files: [String: EmittedFile] = [:]
      var arenaBytes = 0
      for (index, row) in cases.enumerated() {
        let firmware = try CaseProgram.firmware(row, index, board)
        for file in try firmware.files() { files[file.path] = file }
        arenaBytes = max(arenaBytes, firmware.budget.arenaBytes)
      }
      (names, self.files, self.arenaBytes) = (cases.map(\.name), files, arenaBytes)
    }
  }

  static let flags =
    ("-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wunused-macros "
    + "-Wmissing-prototypes -Wstrict-prototypes -Werror -Iinclude -Iruntime -Iport -I.")
    .split(separator: " ").map(String.init)

  private let folder: URL
  private let kernels: [String]

  /// Writes the program's files for `board`.
  init(_ cases: [Case], in folder: URL, board: Board) throws {
    try self.init(Networks(cases, for: board), in: folder)
  }

  /// Writes the program of all layer cases for `board`.
  static func layers(in folder: URL, board: Board) throws -> CaseProgram {
    let networks =
      switch board.instructionSet {
      case .portable: try portableLayers.get()
      case .dsp: try dspLayers.get()
      case .mve: try mveLayers.get()
      }
    let program = try CaseProgram(networks, in: folder)
    let own = try firmware(Case.layers[0], 0, board).files()
    let code = ["case0.c", "include/case0_weights.h", "include/case0_layers.h"]
    for file in own where code.contains(file.path) {
      #expect(networks.files[file.path]?.text == file.text)
    }
    try own.write(to: folder)
    return program
  }

  private static let portableLayers = Result { try layers(for: "cortex-m3") }
  private static let dspLayers = Result { try layers(for: "cortex-m4") }
  private static let mveLayers = Result { try layers(for: "cortex-m55") }

  private static func layers(for board: String) throws -> Networks {
    try Networks(Case.layers, for: BoardCatalog.board(named: board))
  }

  private static func firmware(_ row: Case, _ index: Int, _ board: Board) throws -> Firmware {
    try Firmware(
      row.model, board: board, prefix: "case\(index)", selfTests: row.tests,
      trace: RowTrace.checksums)
  }

  private init(_ networks: Networks, in folder: URL) throws {
    try Array(networks.files.values).write(to: folder)
    let driver = Self.driver(networks.names, arenaBytes: networks.arenaBytes)
    try Data(driver.utf8).write(to: folder.appending(path: "cases.c"))
    self.folder = folder
    kernels = networks.files.keys
      .filter { $0.hasPrefix("runtime/") && $0.hasSuffix(".c") }.sorted()
  }

  /// A table of the cases, and one loop over it: what each case adds are its own functions, as the
  /// compiler would see them in firmware.
  private static func driver(_ names: [String], arenaBytes: Int) -> String {
    let prefixes = names.indices.map { "case\($0)" }
    let includes = prefixes.map { "#include \"\($0).c\"\n#include \"\($0)_selftest.h\"\n" }
    let rows = zip(prefixes, names).map { prefix, name in
      let (upper, test) = (prefix.uppercased(), "\(prefix)_selftest")
      return """
            {"\(name)", \(prefix)_check, \(prefix)_run, \(prefix)_run_row, \(prefix)_input,
             \(prefix)_output, \(upper)_SELFTEST_COUNT, \(upper)_ROW_COUNT, \(upper)_INPUT_BYTES,
             \(upper)_OUTPUT_BYTES, \(test)_inputs[0], \(test)_outputs[0], \(test)_rows,
             \(test)_checksums[0]},

        """
    }
    return """
      #include <string.h>
      #include "port.h"
      \(includes.joined())
      static MNQ_ALIGNED uint8_t arena[\(arenaBytes)];

      typedef struct {
          const char *name;
          mnq_status (*check)(void);
          mnq_status (*run)(void *arena);
          mnq_status (*run_row)(void *arena, int32_t row);
          int8_t *(*input)(void *arena);
          const int8_t *(*output)(const void *arena);
          int32_t tests, rows, input_bytes, output_bytes;
          const int8_t *inputs, *outputs;
          const void *places; /* what each row writes, in an array of the case's own type */
          const uint32_t *checksums;
      } network;

      static const network networks[] = {
      \(rows.joined())};

      \(loop)
      """
  }

  private static let loop = """
    static int differs(const network *net, const char *what)
    {
        port_print(what);
        port_print(net->name);
        port_print("\\n");
        return 1;
    }

    static int runs(const network *net, int32_t test)
    {
        memcpy(net->input(arena), net->inputs + test * net->input_bytes,
               (size_t)net->input_bytes);
        return net->run(arena) == MNQ_OK
               && memcmp(net->output(arena), net->outputs + test * net->output_bytes,
                         (size_t)net->output_bytes) == 0;
    }

    static int runs_by_rows(const network *net, int32_t test)
    {
        struct { int32_t offset, bytes; const char *layer; } place;
        uint32_t checksum = UINT32_C(2166136261);
        memcpy(net->input(arena), net->inputs + test * net->input_bytes,
               (size_t)net->input_bytes);
        for (int32_t row = 0; row < net->rows; ++row) {
            if (net->run_row(arena, row) != MNQ_OK) {
                return 0;
            }
            memcpy(&place, (const char *)net->places + (size_t)row * sizeof place, sizeof place);
            const uint8_t *written = arena + place.offset;
            for (int32_t b = 0; b < place.bytes; ++b) {
                checksum = (checksum ^ written[b]) * UINT32_C(16777619);
            }
            if (checksum != net->checksums[test * net->rows + row]) {
                return 0;
            }
        }
        return 1;
    }

    int main(void)
    {
        int wrong = 0;
        for (size_t i = 0; i < sizeof networks / sizeof networks[0]; ++i) {
            const network *net = &networks[i];
            if (net->check() != MNQ_OK) {
                wrong = differs(net, "tables differ: ");
            }
            for (int32_t test = 0; test < net->tests; ++test) {
                if (!runs(net, test)) {
                    wrong = differs(net, "differs: ");
                }
                if (!runs_by_rows(net, test)) {
                    wrong = differs(net, "row differs: ");
                }
            }
        }
        return wrong;
    }

    """

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
  ///
  /// - Parameter optimization: Of the kernels.
  func run(
    on board: Board, _ emulator: Emulator, optimization: String = "-O2"
  ) throws -> Program.Outcome {
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
        optimization, "-DPORT_EMULATED", "-Wl,--gc-sections", "-Lport", "-T", emulator.linkerScript,
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
