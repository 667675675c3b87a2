import Boards
import CEmitter
import Engines
import Foundation
import LayerCases
import QuantizedIR
import Tensors
import TestSupport
import Testing

/// What firmware says when its memory, its tables or its kernels are not as they should be.
@Suite(.enabled(if: Program.crossToolsExist, "\(Program.crossToolsAbsence)"))
struct CheckTests {
  /// Every misuse has its own status, on a machine with 64-bit pointers and on boards.
  @Test(arguments: ["gcc", "clang"])
  func misuseIsTold(_ compiler: String) throws {
    try withTemporaryFolder { folder in
      try ProjectTests.files("cortex-m4").write(to: folder)
      let program = """
        #include "net.c"
        static NET_ALIGNED uint8_t arena[NET_ARENA_BYTES + 16];
        int main(void)
        {
            const mnq_status expected[] = {
                MNQ_OK, MNQ_NO_ARENA, MNQ_NO_ARENA, MNQ_NO_ARENA, MNQ_UNKNOWN_ROW,
                MNQ_UNKNOWN_ROW, MNQ_UNKNOWN_ROW, MNQ_OK, MNQ_OK};
            mnq_row unknown = net_rows[0];
            unknown.operation = 1000;
            const mnq_status status[] = {
                net_init(arena), net_init(0), net_run(0), net_run_row(0, 0),
                net_run_row(arena, -1), net_run_row(arena, NET_ROW_COUNT),
                net_step(&unknown, (int8_t *)arena), net_check(), net_run(arena)};
            for (int i = 0; i < 9; ++i) {
                if (status[i] != expected[i]) {
                    return 1 + i;
                }
            }
            for (int start = 1; start < 16; ++start) {
                if (net_init(arena + start) != MNQ_MISALIGNED_ARENA
                    || net_run(arena + start) != MNQ_MISALIGNED_ARENA
                    || net_run_row(arena + start, 0) != MNQ_MISALIGNED_ARENA) {
                    return 100 + start;
                }
            }
            return 0;
        }

        """
      try Data(program.utf8).write(to: folder.appending(path: "misuse.c"))
      let command =
        "\(compiler) " + CaseProgram.flags.joined(separator: " ")
        + " -O1 misuse.c runtime/*.c -o misuse"
      #expect(try Program.run(["sh", "-c", command], in: folder).output == "")
      #expect(try Program.run(["./misuse"], in: folder).status == 0)
    }
  }

  /// A kernel that computes something else is named by the first layer that it runs.
  @Test(arguments: ["mnq_multiply_fast.c", "mnq_mean.c", "mnq_lookup.c"])
  func namesTheFirstLayerThatDiffers(_ kernel: String) throws {
    try withTemporaryFolder { folder in
      let files = try ProjectTests.files("cortex-m4")
      try files.write(to: folder)
      let file = try #require(files.first { $0.path == "runtime/\(kernel)" })
      let end = try #require(file.text.range(of: "\n{\n", options: .backwards))
      var text = file.text
      text.replaceSubrange(
        end, with: "\n{\n    *output = 99;\n    if (layer) {\n        return;\n    }\n")
      try Data(text.utf8).write(to: folder.appending(path: file.path))
      let result = try Program.run(
        ["make", "host-run", "OPTIMIZE=-O2 -Wno-error"], in: folder)
      #expect(result.status != 0)
      let stem = kernel.dropFirst(4).dropLast(2)
      let table = try #require(files.first { $0.path == "include/net_layers.h" }).text
      let row = try #require(
        table.split(separator: "\n").first { $0.contains(" \(stem), ") }?
          .split(separator: " ").dropFirst(2).first?.dropLast())
      #expect(
        result.output.contains("self-test 1 differs first in layer '\(row)', row "),
        "\(result.output)")
      #expect(result.output.contains("self-test: 0/3 exact\n"))
    }
  }

  /// A single bit of what the network keeps in flash, at places spread evenly over all of it.
  @Test(arguments: ["cortex-m0plus", "cortex-m4", "cortex-m55", "rv32imc"])
  func aFlippedBitIsFound(_ name: String) throws {
    let emulator = try #require(try BoardCatalog.board(named: name).emulator)
    try withTemporaryFolder { folder in
      try ProjectTests.files(name).write(to: folder)
      #expect(try Program.run(["make", "run"], in: folder).status == 0)
      let prefix = name == "rv32imc" ? "riscv64-unknown-elf-" : "arm-none-eabi-"
      let image = try ELFTables(folder, tools: prefix)
      var random = SplitMix64(seed: 14)
      let flips = 40
      for index in 0..<flips {
        let bits = 8 * image.places.count
        let bit = index * bits / flips + Int.random(in: 0..<bits / flips, using: &random)
        try image.write(flipping: bit, to: folder.appending(path: "flipped.elf"))
        let run = try Program.run(
          ["timeout", "-s", "KILL", "60"] + emulator.command + ["flipped.elf"], in: folder)
        #expect(run.status == 1, "bit \(bit): \(run.output)")
        #expect(run.output.contains("the tables are not those that were emitted: net_check\n"))
      }
    }
  }

  /// Whoever does not call `net_check` pays nothing for it.
  @Test(arguments: ["cortex-m0plus", "cortex-m4"])
  func costsNothingWhereItIsNotCalled(_ name: String) throws {
    let board = try BoardCatalog.board(named: name)
    try withTemporaryFolder { folder in
      try ProjectTests.files(name).write(to: folder)
      let program = """
        #include "net.h"
        static NET_ALIGNED uint8_t arena[NET_ARENA_BYTES];
        int main(void) { return (int)net_run(arena); }
        void _start(void);
        void _start(void) { main(); }

        """
      try Data(program.utf8).write(to: folder.appending(path: "user.c"))
      let build = try Program.run(
        ["sh", "-c", "make >/dev/null && $@", "sh", "arm-none-eabi-gcc"] + board.flags
          + ["-O2", "-Iinclude", "-Iruntime", "-nostartfiles", "-Wl,--gc-sections"]
          + ["user.c", "build/libnet.a", "-o", "user.elf"], in: folder)
      #expect(build.output == "")
      let symbols = try Program.run(["arm-none-eabi-nm", "user.elf"], in: folder).output
      #expect(symbols.contains("net_run"))
      for absent in ["crc32", "net_check", "net_shapes", "net_pixel_codes"] {
        #expect(!symbols.contains(absent))
      }
    }
  }
}

/// Where an image keeps the network's tables, layers and rows.
struct ELFTables {
  /// The places of their bytes in the file: neither those between them, which align, nor those of
  /// kernels' constants.
  let places: [Int]
  private let bytes: Data

  /// Looks at `build/firmware.elf`.
  init(_ folder: URL, tools: String) throws {
    bytes = try Data(contentsOf: folder.appending(path: "build/firmware.elf"))
    let headers = try Program.run([tools + "readelf", "-SW", "build/firmware.elf"], in: folder)
      .output
    let section = try #require(headers.split(separator: "\n").first { $0.contains(" .rodata ") })
    let columns = section.split { " []".contains($0) }.map(String.init)
    let place = try #require(columns.firstIndex(of: ".rodata"))
    let start = try #require(Int(columns[place + 2], radix: 16))
    let offset = try #require(Int(columns[place + 3], radix: 16))
    let symbols = try Program.run([tools + "nm", "-S", "build/firmware.elf"], in: folder).output
    places = symbols.split(separator: "\n").flatMap { line -> Range<Int> in
      // Address, size, kind and name.
      let parts = line.split(separator: " ")
      guard parts.count == 4, parts[2] == "r", parts[3].hasPrefix("net_"),
        !parts[3].hasPrefix("net_selftest"), let address = Int(parts[0], radix: 16),
        let size = Int(parts[1], radix: 16)
      else { return 0..<0 }
      let first = address - start + offset
      return first..<first + size
    }
    try #require(!places.isEmpty)
  }

  /// Writes the image with one bit of the tables turned over.
  func write(flipping bit: Int, to url: URL) throws {
    var image = bytes
    image[places[bit / 8]] ^= 1 << UInt8(bit % 8)
    try image.write(to: url)
  }
}
