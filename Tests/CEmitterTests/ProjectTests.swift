import Boards
import CEmitter
import Engines
import Foundation
import LayerCases
import TestSupport
import Testing

/// The emitted folder builds by itself and prints what it promises.
@Suite(.enabled(if: Program.crossToolsExist, "\(Program.crossToolsAbsence)"))
struct ProjectTests {
  static func files(
    _ board: String, wrong: Int? = nil, arenaLimit: ArenaLimit? = nil, input: InputArrival = .whole
  ) throws -> [EmittedFile] {
    let engine = BoundModel.plain(SmallNetwork.model)
    let tests = (0..<3).map { index in
      let input = SmallNetwork.input(seed: UInt64(index))
      var output = engine.run(input)
      if index == wrong { output[3] ^= 1 }
      return SelfTest(input: input, output: output)
    }
    return try Firmware(
      SmallNetwork.model, board: BoardCatalog.board(named: board), prefix: "net", selfTests: tests,
      trace: RowTrace.checksums, arenaLimit: arenaLimit, input: input
    ).files()
  }

  @Test(arguments: EmulatedBoards.names)
  func runsUnderEmulation(_ board: String) throws {
    try withTemporaryFolder { folder in
      try Self.files(board).write(to: folder)
      // A script reads standard output alone.
      let result = try Program.run(["sh", "-c", "make run 2>/dev/null"], in: folder)
      #expect(result.status == 0)
      let lines = result.output.split(separator: "\n").map(String.init)
      #expect(lines.first == "self-test: 3/3 exact")
      let figures = lines.dropFirst().map { $0.split(separator: ":") }
      #expect(figures.map(\.first) == ["instructions", "arena", "stack", "code", "tables"])
      let numbers = figures.map { Int($0[1].dropFirst()) ?? 0 }
      #expect(numbers.allSatisfy { $0 > 0 }, "\(result.output)")
    }
  }

  @Test(arguments: ["gcc", "clang"])
  func runsOnTheHost(_ compiler: String) throws {
    try withTemporaryFolder { folder in
      try Self.files("cortex-m4").write(to: folder)
      let result = try Program.run(["make", "host-run", "HOST_CC=\(compiler)"], in: folder)
      #expect(result.status == 0)
      #expect(result.output == "self-test: 3/3 exact\narena: 408\n")
    }
  }

  @Test func printsTheBudgetOfARealBoard() throws {
    try withTemporaryFolder { folder in
      try Self.files("nrf52840-dk").write(to: folder)
      let result = try Program.run(["make"], in: folder)
      #expect(result.status == 0)
      let names = result.output.split(separator: "\n").map { $0.prefix { $0 != ":" } }
      #expect(names == ["flash", "RAM", "stack"])
      #expect(result.output.contains(" of 1048576 bytes"))
      #expect(result.output.contains("RAM: 408 of 262144 bytes"))
    }
  }

  @Test func failsWhereAnOutputDiffers() throws {
    try withTemporaryFolder { folder in
      try Self.files("cortex-m3", wrong: 1).write(to: folder)
      let result = try Program.run(["make", "run"], in: folder)
      #expect(result.status != 0)
      let lines = result.output.split(separator: "\n").prefix(2)
      #expect(lines == ["self-test 2 differs first at output 3", "self-test: 2/3 exact"])
    }
  }

  @Test func headerServesCPlusPlus() throws {
    try withTemporaryFolder { folder in
      try Self.files("cortex-m4").write(to: folder)
      let user = """
        #include "net.h"
        static NET_ALIGNED uint8_t arena[NET_ARENA_BYTES];
        int main() { return net_init(arena) || net_labels[9][6] != '9'; }
        """
      try Data(user.utf8).write(to: folder.appending(path: "user.cpp"))
      let build = try Program.run(["make", "host-run"], in: folder)
      #expect(build.status == 0)
      let command =
        "g++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -Iinclude -Iruntime user.cpp "
        + "build/host/net.o build/host/runtime/*.o -o user"
      let compile = try Program.run(["sh", "-c", command], in: folder)
      #expect(compile.output == "")
      #expect(try Program.run(["./user"], in: folder).status == 0)
    }
  }

  /// The object does what the functions do, on arenas of its own, and what a program asks to be done behind
  /// each row is done.
  @Test(arguments: ["g++ -std=c++11", "g++ -std=c++20", "clang++ -std=c++11"])
  func objectGivesTheSameBytes(_ compiler: String) throws {
    try withTemporaryFolder { folder in
      try Self.files("cortex-m4").write(to: folder)
      let user = """
        #include <string.h>
        #include "net.hpp"
        extern "C" { int rows_done; }
        static NET_ALIGNED uint8_t arena[NET_ARENA_BYTES];
        static net::Network networks[2];
        int main() {
            for (int i = 0; i < NET_INPUT_BYTES; ++i) {
                networks[0].input()[i] = net_input(arena)[i] = (int8_t)(7 * i);
                networks[1].input()[i] = (int8_t)(5 * i);
            }
            if (net_run(arena) != MNQ_OK || networks[0].run() != MNQ_OK) return 1;
            if (networks[1].run() != MNQ_OK || net::Network::check() != MNQ_OK) return 2;
            if (memcmp(net_output(arena), networks[0].output(), NET_OUTPUT_BYTES) != 0) return 3;
            if (rows_done != 3 * NET_ROW_COUNT) return 4;
            const int32_t top = networks[0].top();
            for (int i = 0; i < NET_OUTPUT_CHANNELS; ++i) {
                if (net_output(arena)[i] > net_output(arena)[top]) return 5;
                if (i < top && net_output(arena)[i] == net_output(arena)[top]) return 6;
            }
            const float real = net_output_real(NET_OUTPUT_ZERO_POINT + 1);
            return real < NET_OUTPUT_SCALE * 0.999 || real > NET_OUTPUT_SCALE * 1.001 ? 7 : 0;
        }
        """
      try Data(user.utf8).write(to: folder.appending(path: "user.cpp"))
      let config = "extern int rows_done;\n#define NET_ROW_DONE(row) (++rows_done)\n"
      try Data(config.utf8).write(to: folder.appending(path: "config.h"))
      let command =
        "for c in net.c runtime/*.c; do cc -std=c99 -O1 -I. -Iinclude -Iruntime "
        + "-DMNQ_CONFIG='\"config.h\"' -c $c || exit 1; done; "
        + "\(compiler) -Wall -Wextra -Wpedantic -Werror -Iinclude -Iruntime user.cpp *.o -o user"
      let compile = try Program.run(["sh", "-c", command], in: folder)
      #expect(compile.status == 0, "\(compile.output)")
      #expect(try Program.run(["./user"], in: folder).status == 0)
    }
  }

  /// Kernels and tables lie where a program's header says, and give the same bytes there.
  @Test(arguments: EmulatedBoards.names)
  func sectionsCanBeNamed(_ board: String) throws {
    try withTemporaryFolder { folder in
      try Self.files(board).write(to: folder)
      let config = """
        #define MNQ_FAST_CODE __attribute__((section(".fast_code")))
        #define NET_FAST_DATA __attribute__((section(".fast_data")))

        """
      try Data(config.utf8).write(to: folder.appending(path: "config.h"))
      let flags = "OPTIMIZE=-O2 -I. -DMNQ_CONFIG='\"config.h\"'"
      let result = try Program.run(["make", "run", flags], in: folder)
      #expect(result.status == 0, "\(result.output)")
      #expect(result.output.contains("3/3 exact"))
      let table = try Program.run(["readelf", "-SW", "build/net.o"], in: folder)
      #expect(table.output.contains(" .fast_data "))
      for file in try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "build/runtime").path)
      where file.hasSuffix(".o") && !file.hasPrefix("mnq_check") {
        let sections = try Program.run(["readelf", "-SW", "build/runtime/" + file], in: folder)
        #expect(sections.output.contains(" .fast_code "), "\(file)")
      }
    }
  }

  private func figures(_ output: String) -> [String: Int] {
    let pairs = output.split(separator: "\n").compactMap { line -> (String, Int)? in
      let parts = line.split(separator: ":")
      return parts.count == 2 ? Int(parts[1].dropFirst()).map { (String(parts[0]), $0) } : nil
    }
    return Dictionary(pairs) { $1 }
  }

  /// Link-time optimization leaves every figure a figure, and costs nothing; without a standard
  /// library that the compiler knows, kernels are as fast.
  @Test(arguments: EmulatedBoards.names)
  func otherFlagsChangeLittle(_ board: String) throws {
    try withTemporaryFolder { folder in
      try Self.files(board).write(to: folder)
      func run(_ flags: String) throws -> [String: Int] {
        _ = try Program.run(["make", "clean"], in: folder)
        let library = try Program.run(["make", "OPTIMIZE=-O2 \(flags)"], in: folder)
        #expect(library.status == 0)
        #expect(!library.output.contains(": 0 of"), "\(library.output)")
        let result = try Program.run(["make", "run", "OPTIMIZE=-O2 \(flags)"], in: folder)
        #expect(result.status == 0, "\(result.output)")
        return figures(result.output)
      }
      let plain = try run("")
      #expect(plain.count == 5)
      for flags in ["-flto", "-flto -flto-partition=none", "-ffreestanding"] {
        for (name, value) in try run(flags) {
          let before = try #require(plain[name])
          // The stack of inlined kernels is one frame.
          let tenths = name == "stack" ? 25 : flags.hasPrefix("-flto") ? 13 : 11
          #expect(10 * value <= tenths * before && 2 * value >= before, "\(flags), \(name)")
        }
      }
    }
  }

  /// Profilers' calls at the begin and the end of each function go in.
  @Test(arguments: EmulatedBoards.names)
  func canBeInstrumented(_ board: String) throws {
    try withTemporaryFolder { folder in
      try Self.files(board).write(to: folder)
      let main = folder.appending(path: "main.c")
      let hooks = ["enter", "exit"].map { name in
        """

        void __cyg_profile_func_\(name)(void *function, void *caller);
        void __attribute__((no_instrument_function))
        __cyg_profile_func_\(name)(void *function, void *caller)
        {
            (void)function;
            (void)caller;
        }

        """
      }
      let text = try String(contentsOf: main, encoding: .utf8)
      try Data((text + hooks.joined()).utf8).write(to: main)
      let run = try Program.run(
        ["make", "run", "OPTIMIZE=-O2 -finstrument-functions"], in: folder)
      #expect(run.status == 0 && run.output.contains("self-test: 3/3 exact\n"), "\(run.output)")
    }
  }

  @Test(arguments: ["run", "rows"])
  func saysWhereNothingEmulatesTheBoard(_ goal: String) throws {
    try withTemporaryFolder { folder in
      try Self.files("nrf52840-dk").write(to: folder)
      let result = try Program.run(["make", goal], in: folder)
      #expect(result.status != 0)
      #expect(result.output.contains("make \(goal): nothing here emulates nrf52840-dk. `make host"))
    }
  }

  @Test(arguments: ["gcc", "/usr/bin/clang"])
  func kernelsSayThatTheyAreNotOptimized(_ compiler: String) throws {
    try withTemporaryFolder { folder in
      try Self.files("cortex-m4").write(to: folder)
      func build(_ flags: String) throws -> Program.Outcome {
        _ = try Program.run(["make", "clean"], in: folder)
        return try Program.run(
          ["make", "host-run", "HOST_CC=\(compiler)", "OPTIMIZE=\(flags)"], in: folder)
      }
      let slow = try build("-O0")
      #expect(slow.status == 0)
      #expect(slow.output.contains("mnq_conv2d_dsp.c"))
      #expect(slow.output.contains("this kernel is compiled without optimization"))
      for flags in ["-O0 -DMNQ_UNOPTIMIZED", "-O1", "-Os"] {
        #expect(try build(flags).output == "self-test: 3/3 exact\narena: 408\n")
      }
    }
  }

  /// Whatever the build type, the library's last word on optimization is `-O2`, unless the user's is
  /// another.
  @Test(
    .enabled(if: Program.cmakeExists, "\(Program.cmakeAbsence)"),
    arguments: [("Debug", ""), ("", ""), ("MinSizeRel", ""), ("Debug", "-Os")])
  func cmakeOptimizes(_ type: String, _ choice: String) throws {
    try withTemporaryFolder { folder in
      try Self.files("cortex-m4").write(to: folder)
      let options =
        ["-DCMAKE_BUILD_TYPE=\(type)", "-DNET_SELF_TEST=ON", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"]
        + (choice.isEmpty ? [] : ["-DMNQ_OPTIMIZE=\(choice)"])
      let configure = try Program.cmake(["-S", ".", "-B", "b"] + options, in: folder)
      #expect(configure.status == 0, "\(configure.output)")
      let build = try Program.cmake(["--build", "b"], in: folder)
      #expect(build.status == 0 && !build.output.contains("warning"), "\(build.output)")
      #expect(!build.output.contains("runtime/") || !build.output.contains("without optimization"))
      let run = try Program.run(["b/net_self_test"], in: folder)
      #expect(run.output.hasPrefix("self-test: 3/3 exact"))
      let commands = try String(
        contentsOf: folder.appending(path: "b/compile_commands.json"), encoding: .utf8)
      let compilations = commands.split(separator: "\n").filter {
        $0.contains("/runtime/mnq_") && $0.contains("\"command\"")
      }
      #expect(!compilations.isEmpty)
      for line in compilations {
        let last = line.split(separator: " ").last { $0.hasPrefix("-O") }
        #expect(last.map(String.init) == (choice.isEmpty ? "-O2" : choice))
      }
    }
  }
}
