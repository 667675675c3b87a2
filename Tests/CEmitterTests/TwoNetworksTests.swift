import Boards
import CEmitter
import Engines
import Foundation
import LayerCases
import QuantizedIR
import TestSupport
import Testing

/// Two networks in one program, with every C file of both folders compiled as it lies there.
@Suite(.enabled(if: Program.crossToolsExist, "\(Program.crossToolsAbsence)"))
struct TwoNetworksTests {
  private static let warnings =
    "-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wunused-macros -Werror -O2"
    .split(separator: " ").map(String.init)

  /// A network and, under another prefix, a layer case that shares kernels with it.
  private func networks(_ board: String) throws -> [(prefix: String, files: [EmittedFile])] {
    let other = try #require(LayerCase.all.first { $0.name == "conv2d-3x3-saturating-lookup" })
    return try [("left", SmallNetwork.model), ("right", other.model)].map { prefix, model in
      let engine = BoundModel.plain(model)
      let tests = (UInt64(1)...2).map { seed in
        let input =
          prefix == "left" ? SmallNetwork.input(seed: seed) : other.input(seed: seed)
        return SelfTest(input: input, output: engine.run(input))
      }
      let firmware = try Firmware(
        model, board: BoardCatalog.board(named: board), prefix: prefix, selfTests: tests,
        trace: RowTrace.checksums)
      return (prefix, try firmware.files())
    }
  }

  /// Runs the self-tests of both networks; ends with the number of outputs that differ.
  private static let driver: String = {
    func check(_ prefix: String) -> String {
      """
          for (int i = 0; i < \(prefix.uppercased())_SELFTEST_COUNT; ++i) {
              memcpy(\(prefix)_input(arena), \(prefix)_selftest_inputs[i],
                     \(prefix.uppercased())_INPUT_BYTES);
              \(prefix)_run(arena);
              wrong += memcmp(\(prefix)_output(arena), \(prefix)_selftest_outputs[i],
                              \(prefix.uppercased())_OUTPUT_BYTES) != 0;
          }

      """
    }
    return """
      #include <string.h>
      #include "left.h"
      #include "right.h"
      #include "left_selftest.h"
      #include "right_selftest.h"
      static LEFT_ALIGNED uint8_t arena[LEFT_ARENA_BYTES + RIGHT_ARENA_BYTES];
      int main(void)
      {
          int wrong = 0;
      \(check("left"))\(check("right"))    return wrong;
      }

      """
  }()

  /// All C files below `folders` but the self-test programs.
  private func sources(_ folders: [String], in root: URL) throws -> [String] {
    let find =
      "find \(folders.joined(separator: " ")) -name '*.c' | grep -v 'main.c\\|port/' | sort"
    return try Program.run(["sh", "-c", find], in: root).output.split(separator: "\n").map(
      String.init)
  }

  private func includes(_ folders: [String]) -> [String] {
    folders.flatMap { ["-I\($0)/include", "-I\($0)/runtime"] }
  }

  private func write(_ folders: [String], _ board: String, to root: URL) throws {
    for (folder, network) in zip(folders, try networks(board)) {
      try network.files.write(to: root.appending(path: folder))
    }
    try Data(Self.driver.utf8).write(to: root.appending(path: "driver.c"))
  }

  @Test(arguments: ["gcc", "clang"], [["one", "two"], ["both", "both"]])
  func onTheHost(_ compiler: String, _ folders: [String]) throws {
    try withTemporaryFolder { root in
      try write(folders, "cortex-m4", to: root)
      let places = Set(folders).sorted()
      let build = try Program.run(
        [compiler] + Self.warnings + includes(places) + ["driver.c"] + sources(places, in: root)
          + ["-o", "program"], in: root)
      #expect(build.output == "")
      #expect(try Program.run(["./program"], in: root).status == 0)
    }
  }

  @Test(arguments: ["cortex-m0plus", "cortex-m4", "rv32imc"])
  func underEmulation(_ name: String) throws {
    let board = try BoardCatalog.board(named: name)
    let emulator = try #require(board.emulator)
    try withTemporaryFolder { root in
      try write(["one", "two"], name, to: root)
      let tick = emulator.picosecondsPerTick.map { ["-DPORT_PICOSECONDS_PER_TICK=\($0)"] } ?? []
      let build = try Program.run(
        [board.toolchain + "gcc"] + board.flags + Self.warnings + includes(["one", "two"]) + tick
          + ["-DPORT_EMULATED", "-Ione/port", "-Lone/port", "-T", emulator.linkerScript]
          + emulator.linkFlags + ["driver.c"] + emulator.sources.map { "one/port/\($0)" }
          + sources(["one", "two"], in: root) + ["-o", "program.elf"], in: root)
      #expect(build.output == "")
      let run = try Program.run(
        ["timeout", "-s", "KILL", "120"] + emulator.command + ["program.elf"], in: root)
      #expect(run.status == 0, "\(run.output)")
    }
  }

  /// As a later mnquant would have written them.
  private func renumber(_ folder: String, in root: URL) throws {
    let script = """
      version=$(sed -n 's/^#define MNQ_VERSION 0x//p' \(folder)/runtime/mnq_version.h)
      lower=$(echo $version | tr A-F a-f)
      find \(folder) -name '*.[ch]' | xargs sed -i "s/0x$version/0x12345678/; s/_$lower/_12345678/"
      """
    #expect(try Program.run(["sh", "-c", script], in: root).status == 0)
  }

  @Test func versionsDoNotMix() throws {
    try withTemporaryFolder { root in
      try write(["one", "two"], "cortex-m4", to: root)
      try renumber("two", in: root)
      // Headers of the first, tables of the second.
      let mixed = try Program.run(
        ["gcc", "-c", "two/right.c", "-o", "right.o"] + includes(["one", "two"]), in: root)
      #expect(mixed.status != 0)
      #expect(mixed.output.contains("right_weights.h and mnq_version.h are of different versions"))
      // A kernel that stayed in a folder which was written over.
      let stale =
        "cp one/runtime/mnq_lookup.c two/runtime && gcc -c two/runtime/mnq_lookup.c -o lookup.o"
      let kernel = try Program.run(["sh", "-c", stale], in: root)
      #expect(kernel.status != 0)
      #expect(kernel.output.contains("mnq_lookup.c and mnq_version.h are of different versions"))
    }
  }

  /// Two libraries of two versions, each compiled with its own headers, each with its own kernels.
  @Test func versionsStandSideBySide() throws {
    try withTemporaryFolder { root in
      try write(["one", "two"], "cortex-m4", to: root)
      try renumber("two", in: root)
      for folder in ["one", "two"] {
        let build = try Program.run(
          ["sh", "-c", "mkdir o && gcc -O2 -c $@ && ar rc lib\(folder).a *.o && rm -r o *.o", "sh"]
            + includes([folder]) + sources([folder], in: root), in: root)
        #expect(build.output == "")
      }
      let link = try Program.run(
        ["gcc", "driver.c", "libone.a", "libtwo.a", "-o", "program"] + includes(["one", "two"]),
        in: root)
      #expect(link.output == "")
      #expect(try Program.run(["./program"], in: root).status == 0)
      let kernels = try Program.run(
        ["sh", "-c", "nm program | grep -c ' W mnq_conv2d_dsp_'"], in: root)
      #expect(kernels.output == "2\n")
    }
  }

  @Test(arguments: ["cortex-m4", "cortex-m55", "rv32imc", "nrf52840-dk"])
  func filesTellTheirLicense(_ board: String) throws {
    for network in try networks(board) {
      for file in network.files where !file.path.hasSuffix(".json") {
        let line = file.text.prefix { $0 != "\n" }
        #expect(line.contains("SPDX-License-Identifier: "), "\(file.path)")
        for missing in ["Sources/", ".swift", "targets/", "Docs/", "Tests/"] {
          #expect(!file.text.contains(missing), "\(file.path) names \(missing)")
        }
      }
    }
  }
}
