import Boards
import CEmitter
import Foundation
import IntegerEngine
import LayerCases
import Testing

/// The emitted folder builds by itself and prints what it promises.
@Suite(.enabled(if: EmulatedBoards.toolsAreInstalled, EmulatedBoards.reason))
struct ProjectTests {
  static func files(_ board: String, wrong: Int? = nil) throws -> [EmittedFile] {
    let engine = Engine(SmallNetwork.model)
    let tests = (0..<3).map { index in
      let input = SmallNetwork.input(seed: UInt64(index))
      var output = engine.run(input)
      if index == wrong { output[3] ^= 1 }
      return SelfTest(input: input, output: output)
    }
    return try Firmware(
      SmallNetwork.model, board: BoardCatalog.board(named: board), prefix: "net", selfTests: tests
    ).files()
  }

  @Test(arguments: EmulatedBoards.names)
  func runsUnderEmulation(_ board: String) throws {
    try withTemporaryFolder { folder in
      try Self.files(board).write(to: folder)
      // A script reads standard output alone.
      let result = try Tool.run(["sh", "-c", "make run 2>/dev/null"], in: folder)
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
      let result = try Tool.run(["make", "host-run", "HOST_CC=\(compiler)"], in: folder)
      #expect(result.status == 0)
      #expect(result.output == "self-test: 3/3 exact\narena: 512\n")
    }
  }

  @Test func printsTheBudgetOfARealBoard() throws {
    try withTemporaryFolder { folder in
      try Self.files("nrf52840-dk").write(to: folder)
      let result = try Tool.run(["make"], in: folder)
      #expect(result.status == 0)
      let names = result.output.split(separator: "\n").map { $0.prefix { $0 != ":" } }
      #expect(names == ["flash", "RAM", "stack"])
      #expect(result.output.contains(" of 1048576 bytes"))
      #expect(result.output.contains("RAM: 512 of 262144 bytes"))
    }
  }

  @Test func failsWhereAnOutputDiffers() throws {
    try withTemporaryFolder { folder in
      try Self.files("cortex-m3", wrong: 1).write(to: folder)
      let result = try Tool.run(["make", "run"], in: folder)
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
      let build = try Tool.run(["make", "host-run"], in: folder)
      #expect(build.status == 0)
      let command =
        "g++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -Iinclude -Iruntime user.cpp "
        + "build/host/net.o build/host/runtime/*.o -o user"
      let compile = try Tool.run(["sh", "-c", command], in: folder)
      #expect(compile.output == "")
      #expect(try Tool.run(["./user"], in: folder).status == 0)
    }
  }
}
